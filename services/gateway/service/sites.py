"""What transfer stations and plants tell: the newest of each fact; an older one never overwrites it.

What weighs something is also marked for the balance, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.tickets import HAUL_DUE, STATION_DAY, Haul, SiteFact, Subject, Tip
from services.gateway.domain.weighing import Flow
from services.gateway.store import city, flows
from services.gateway.store import weighed as store
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
OfSite = WeighbridgeTicketChanged | HaulChanged | StationAlarmChanged | StorageChanged | StationDayChanged | OfPlant
S = TypeVar("S", bound=OfSite)


async def save_facts(session: AsyncSession, events: Sequence[OfSite]) -> None:
    newest = _newest(events)
    await store.save_site_facts(session, [_fact(fact_id, newest[fact_id]) for fact_id in sorted(newest)])


def _newest(events: Sequence[S]) -> dict[str, S]:
    return {_id(event): event for event in sorted(events, key=lambda event: event.revision)}


def _id(event: OfSite) -> str:
    match event:
        case StorageChanged():
            return f"{event.station_id}:{event.stream}"
        case StationDayChanged():
            return f"{event.station_id}:{event.stream}:{event.day}"
        case LedgerChanged():
            return f"{event.plant_id}:{event.day}"
    return event.subject


def _fact(fact_id: str, event: OfSite) -> SiteFact:
    site_id = event.plant_id if isinstance(event, OfPlant) else event.station_id
    return SiteFact(event.type, fact_id, event.revision, site_id, event.time, event.model_dump(mode="json"))


async def save_tickets(session: AsyncSession, events: Sequence[Ticket]) -> None:
    """Lifts that come meanwhile wait for our number, then see these tickets: none is between two trips unseen."""
    await city.next_seq(session)
    await save_facts(session, events)
    newest = _newest(events)
    known = await store.tips(session, newest)
    tips = [_tip(event) for i, event in sorted(newest.items()) if i not in known or event.revision > known[i].revision]
    marks: dict[Subject, datetime] = {}
    for tip in tips:
        for each in (tip, known.get(tip.ticket_id)):
            if each is not None:
                marks[each.subject] = min(each.at, marks.get(each.subject, each.at))
    await store.save_tips(session, tips)
    await store.mark(session, marks)


def _tip(event: Ticket) -> Tip:
    if isinstance(event, IntakeChanged):
        site_id, haul_id, at = event.plant_id, event.haul_id, event.arrived_at
        contractor_id = district_id = tare_source = None
    else:
        site_id, haul_id, at = event.station_id, None, event.weighed_in_at
        contractor_id, district_id, tare_source = event.contractor_id, event.district_id, event.tare_source
    return Tip(
        ticket_id=event.ticket_id,
        revision=event.revision,
        site_id=site_id,
        haul_id=haul_id,
        vehicle_id=event.vehicle_id,
        plate=event.plate,
        contractor_id=contractor_id,
        district_id=district_id,
        stream=event.stream,
        status=event.status,
        net_kg=event.net_kg,
        tare_source=tare_source,
        at=at,
    )


async def save_hauls(session: AsyncSession, events: Sequence[HaulChanged]) -> None:
    await save_facts(session, events)
    newest = _newest(events)
    known = await store.haul_revisions(session, newest)
    hauls = [_haul(event) for i, event in sorted(newest.items()) if event.revision > known.get(i, 0)]
    await store.save_hauls(session, hauls)
    await store.mark(session, {Subject(HAUL_DUE, haul.haul_id): haul.left_at for haul in hauls})


def _haul(event: HaulChanged) -> Haul:
    return Haul(
        haul_id=event.haul_id,
        revision=event.revision,
        station_id=event.station_id,
        plant_id=event.destination_plant_id,
        seal_number=event.seal_number,
        plate=event.plate,
        stream=event.stream,
        net_kg=event.net_kg,
        origins=event.origins,
        status=event.status,
        left_at=event.left_at or event.sealed_at,
    )


async def save_station_days(session: AsyncSession, events: Sequence[StationDayChanged]) -> None:
    await save_facts(session, events)
    await store.mark(session, {Subject(STATION_DAY, _id(event)): now() for event in events})


async def save_plant_days(session: AsyncSession, events: Sequence[LedgerChanged]) -> None:
    """A plant's day is not told by stream."""
    await save_facts(session, events)
    newest = await store.site_facts(session, LedgerChanged, {_id(event) for event in events})
    await flows.repost(session, {f"plant:{_id(event)}": [(event.day, flow) for flow in _of_plant_day(event)] for event in newest})


def _of_plant_day(event: LedgerChanged) -> list[Flow]:
    kg = {"fed": event.fed_kg, "slag": event.slag_kg, "fly_ash": event.fly_ash_kg, "leachate": event.leachate_kg}
    return [Flow(stage, "", "", "", event.plant_id, value, 1) for stage, value in kg.items() if value]
