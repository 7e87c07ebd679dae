"""What transfer stations tell: the newest of each ticket, haul, alarm and stock; an older one never overwrites it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import store
from shared.events.transfer_station import HaulChanged, StationAlarmChanged, StorageChanged, WeighbridgeTicketChanged

Told = WeighbridgeTicketChanged | HaulChanged | StationAlarmChanged | StorageChanged


async def keep_facts(session: AsyncSession, events: Sequence[Told]) -> None:
    newest = {_id(event): event for event in sorted(events, key=lambda event: event.revision)}
    await store.put_station_facts(session, [_row(fact_id, newest[fact_id]) for fact_id in sorted(newest)])


def _id(event: Told) -> str:
    return f"{event.station_id}:{event.stream}" if isinstance(event, StorageChanged) else event.subject


def _row(fact_id: str, event: Told) -> tuple[Any, ...]:
    """In the order of store.STATION_FACT."""
    return event.type, fact_id, event.revision, event.station_id, event.time, event.model_dump(mode="json")
