"""What transfer stations and plants tell: the newest of each ticket, haul, alarm, stock, exceedance and day; an older one
never overwrites it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import store
from shared.events.incinerator import ExceedanceChanged, IntakeChanged, LedgerChanged
from shared.events.transfer_station import HaulChanged, StationAlarmChanged, StorageChanged, WeighbridgeTicketChanged

OfPlant = ExceedanceChanged | IntakeChanged | LedgerChanged
Told = WeighbridgeTicketChanged | HaulChanged | StationAlarmChanged | StorageChanged | OfPlant


async def keep_facts(session: AsyncSession, events: Sequence[Told]) -> None:
    newest = {_id(event): event for event in sorted(events, key=lambda event: event.revision)}
    await store.put_site_facts(session, [_row(fact_id, newest[fact_id]) for fact_id in sorted(newest)])


def _id(event: Told) -> str:
    match event:
        case StorageChanged():
            return f"{event.station_id}:{event.stream}"
        case LedgerChanged():
            return f"{event.plant_id}:{event.day}"
    return event.subject


def _row(fact_id: str, event: Told) -> tuple[Any, ...]:
    """In the order of store.SITE_FACT."""
    site_id = event.plant_id if isinstance(event, OfPlant) else event.station_id
    return event.type, fact_id, event.revision, site_id, event.time, event.model_dump(mode="json")
