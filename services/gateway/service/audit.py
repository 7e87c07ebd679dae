"""An audit of the balance: a day worked out again from its facts alone, and held against what is on the books.

The balance is worked out piece by piece as facts come. If a piece was ever lost on the way, its kilograms would be missing for
good and nothing else would notice. Run each night for the day before, and by `sanitation doctor`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain import weighing as rules
from services.gateway.domain.tickets import TRUCK, Subject
from services.gateway.store import audit as store
from services.gateway.store import weighed
from shared.clock import day_bounds
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class Deviation:
    """Kilograms on the books against those of the facts. `subject`: a ticket, or a stage and stream of the day."""

    subject: str
    vehicle_id: str | None
    booked_kg: int
    facts_kg: int


async def audit_day(session: AsyncSession, day: date, zone: ZoneInfo) -> list[Deviation]:
    """What differs; empty when the books of the day are right. Meaningful when nothing waits to be worked out."""
    start, end = day_bounds(day, zone)
    deviations: list[Deviation] = []
    for vehicle_id in await store.vehicles_that_tipped(session, start, end):
        deviations += await _trips(session, vehicle_id, start, end)
    return deviations + await _stages(session, day, start, end)


async def mark_for_rework(session: AsyncSession, deviations: list[Deviation], day: date, zone: ZoneInfo) -> None:
    """The trucks' trips of the day are worked out anew; what the stages lack besides, somebody has to look at."""
    start, _ = day_bounds(day, zone)
    trucks = {deviation.vehicle_id for deviation in deviations if deviation.vehicle_id}
    await weighed.mark(session, {Subject(TRUCK, vehicle_id): start for vehicle_id in sorted(trucks)})


async def _trips(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> list[Deviation]:
    """Each ticket's lifted kilograms; a trip without a ticket, or a ticket without its trip, counts with 0."""
    begin = await weighed.tip_before(session, vehicle_id, start)
    tips = [tip for tip in await weighed.tips_since(session, vehicle_id, start) if tip.at < end]
    lifts = await weighed.lifts_after(session, vehicle_id, begin)
    facts = {trip.ticket_id: trip.lifted_kg for trip in rules.trips_between(tips, lifts, begin, known=True)}
    booked = {trip.ticket_id: trip.lifted_kg for trip in await store.booked_trips(session, vehicle_id, start, end)}
    return [
        Deviation(ticket_id, vehicle_id, booked.get(ticket_id, 0), facts.get(ticket_id, 0))
        for ticket_id in sorted(facts.keys() | booked.keys())
        if booked.get(ticket_id) != facts.get(ticket_id)
    ]


async def _stages(session: AsyncSession, day: date, start: datetime, end: datetime) -> list[Deviation]:
    booked: Counter[tuple[str, str]] = Counter()
    for each in await store.flows_of_day(session, Scope(), day):
        if each.stage in {rules.LIFTED, rules.TIPPED}:
            booked[each.stage, each.stream] += each.net_kg
    facts = {(rules.LIFTED, stream): kg for stream, kg in (await store.lifted_kg(session, start, end)).items()}
    facts |= {(rules.TIPPED, stream): kg for stream, kg in (await store.tipped_kg(session, start, end)).items()}
    return [
        Deviation(f"{stage} {stream}", None, booked[stage, stream], facts.get((stage, stream), 0))
        for stage, stream in sorted(booked.keys() | facts.keys())
        if booked[stage, stream] != facts.get((stage, stream), 0)
    ]
