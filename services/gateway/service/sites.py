"""What transfer stations and plants tell: the newest of each fact; an older one never overwrites it.

What weighs something is also marked for the balance, in the same transaction.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.weighing import Flow
from services.gateway.store import city, flows
from services.gateway.store import weighed as store
from services.gateway.store.weighed import HAUL_DUE, NO_VEHICLE, STATION_DAY, TRUCK
from shared.clock import now
from shared.events.incinerator import ExceedanceChanged, IntakeChanged, LedgerChanged
from shared.events.transfer_station import (
    HaulChanged,
    StationAlarmChanged,
    StationDayChanged,
    StorageChanged,
    WeighbridgeTicketChanged,
)

OfPlant = ExceedanceChanged | IntakeChanged | LedgerChanged
Ticket = WeighbridgeTicketChanged | IntakeChanged
Told = WeighbridgeTicketChanged | HaulChanged | StationAlarmChanged | StorageChanged | StationDayChanged | OfPlant
FURNACE_STAGES = ("fed", "slag", "fly_ash", "leachate")


async def keep_facts(session: AsyncSession, events: Sequence[Told]) -> None:
    newest = _newest(events)
    await store.put_site_facts(session, [_row(fact_id, newest[fact_id]) for fact_id in sorted(newest)])


def _newest(events: Sequence[Any]) -> dict[str, Any]:
    return {_id(event): event for event in sorted(events, key=lambda event: event.revision)}


def _id(event: Told) -> str:
    match event:
        case StorageChanged():
            return f"{event.station_id}:{event.stream}"
        case StationDayChanged():
            return f"{event.station_id}:{event.stream}:{event.day}"
        case LedgerChanged():
            return f"{event.plant_id}:{event.day}"
    return event.subject


def _row(fact_id: str, event: Told) -> tuple[Any, ...]:
    """In the order of store.SITE_FACT."""
    site_id = event.plant_id if isinstance(event, OfPlant) else event.station_id
    return event.type, fact_id, event.revision, site_id, event.time, event.model_dump(mode="json")


async def keep_tickets(session: AsyncSession, events: Sequence[Ticket]) -> None:
    """Lifts that come meanwhile wait for our number, then see these tickets: none is between two trips unseen."""
    await city.next_seq(session)
    await keep_facts(session, events)
    newest = _newest(events)
    held = await store.tips(session, newest)
    rows = [_tip(event) for i, event in sorted(newest.items()) if i not in held or event.revision > held[i]["revision"]]
    marks: dict[tuple[str, str], Any] = {}
    for row in rows:
        for each in (row, held.get(row["ticket_id"])):
            if each is not None:
                key = (HAUL_DUE, each["haul_id"]) if each["haul_id"] else (TRUCK, each["vehicle_id"] or NO_VEHICLE)
                marks[key] = min(each["at"], marks.get(key, each["at"]))
    await store.put_tips(session, rows)
    await store.mark(session, marks)


def _tip(event: Ticket) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(event, name) for name in ("ticket_id", "revision", "vehicle_id", "plate", "net_kg")}
    row |= {"stream": event.stream.value, "status": event.status.value}
    if isinstance(event, IntakeChanged):
        of_plant = {"contractor_id": None, "district_id": None, "tare_source": None}
        return row | of_plant | {"site_id": event.plant_id, "haul_id": event.haul_id, "at": event.arrived_at}
    own = {"contractor_id": event.contractor_id, "district_id": event.district_id, "tare_source": event.tare_source}
    return row | own | {"site_id": event.station_id, "haul_id": None, "at": event.weighed_in_at}


async def keep_hauls(session: AsyncSession, events: Sequence[HaulChanged]) -> None:
    await keep_facts(session, events)
    newest = _newest(events)
    known = await store.haul_revisions(session, newest)
    changed = [event for i, event in sorted(newest.items()) if event.revision > known.get(i, 0)]
    await store.put_hauls(session, [_haul(event) for event in changed])
    await store.mark(session, {(HAUL_DUE, event.haul_id): event.left_at or event.sealed_at for event in changed})


def _haul(event: HaulChanged) -> dict[str, Any]:
    names = ("haul_id", "revision", "station_id", "seal_number", "plate", "net_kg", "origins")
    row = {name: getattr(event, name) for name in names} | {"stream": event.stream.value, "status": event.status.value}
    return row | {"plant_id": event.destination_plant_id, "left_at": event.left_at or event.sealed_at}


async def keep_station_days(session: AsyncSession, events: Sequence[StationDayChanged]) -> None:
    await keep_facts(session, events)
    await store.mark(session, {(STATION_DAY, _id(event)): now() for event in events})


async def keep_plant_days(session: AsyncSession, events: Sequence[LedgerChanged]) -> None:
    """A plant's day is not told by stream."""
    await keep_facts(session, events)
    facts = await store.site_facts(session, LedgerChanged.type, {_id(event) for event in events})
    newest = [LedgerChanged.model_validate(fact) for fact in facts]
    await flows.repost(session, {f"plant:{_id(event)}": [(event.day, flow) for flow in _of_plant_day(event)] for event in newest})


def _of_plant_day(event: LedgerChanged) -> list[Flow]:
    kg = {stage: getattr(event, f"{stage}_kg") for stage in FURNACE_STAGES}
    return [Flow(stage, "", "", "", event.plant_id, value, 1) for stage, value in kg.items() if value]
