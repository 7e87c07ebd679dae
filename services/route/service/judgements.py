"""The judge: decides again what became of a vehicle's stops whenever facts arrive or time passes.

    load facts      vehicle_days.py             all that is known: VehicleDayFacts (domain/judging/facts.py)
    match visits    domain/judging/visits.py    what was done at places; along streets: domain/coverage/passes.py
    judge           domain/judging/verdicts.py  a verdict and its evidence for each stop
    record          verdict_records.py          only what changed, each with its reason (domain/stops.py)
    publish         here

Judging takes all the facts of a vehicle-day, in the order of their own time. So it does not matter in which order they
arrived, and late ones change what was decided; every change is a new revision with its reason.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.judging.facts import VehicleDayFacts
from services.route.domain.judging.findings import Judgement
from services.route.domain.judging.handover import Handover, Heard, all_combined, lent, received
from services.route.service import orders, violations
from services.route.service.vehicle_days import PreparedDays, VehicleDayKey, load_facts
from services.route.service.verdict_records import record
from services.route.store import facts as fact_store
from services.route.store import handovers as handover_store
from services.route.store import judgements as store
from services.route.store import plan
from services.route.store.judgements import NO_VEHICLE
from shared.clock import now
from shared.events.base import Event
from shared.events.route import StopJudged
from shared.outbox import publish
from shared.setting_aside import SET_ASIDE_SECONDS, SetAside
from shared.vocabulary import Verdict

HOUR = timedelta(hours=1)


# --- what there is to do ----------------------------------------------------------------------------------------


async def queue_touched(session: AsyncSession, limit: int) -> bool:
    """Move the marks that consumers left to the judge's queue; False when there were none."""
    dirty = await store.take_dirty(session, limit)
    spans: dict[tuple[datetime, datetime], list[str]] = {}
    for vehicle_id, start, end in dirty:
        # Whole hours, so that vehicles on the road at the same time share one query.
        span = start.replace(minute=0, second=0, microsecond=0), end.replace(minute=0, second=0, microsecond=0) + HOUR
        spans.setdefault(span, []).append(vehicle_id)
    reach = timedelta(hours=3 * max(rules.match_hours for rules in rulebooks.JUDGEMENT_RULES.versions))
    at = now()
    for (start, end), vehicle_ids in sorted(spans.items()):
        await store.queue(session, await plan.days_near(session, vehicle_ids, start - reach, end + reach), at)
    return bool(dirty)


async def queue_overdue(session: AsyncSession, limit: int) -> None:
    """Time passes, too: queue stops that nobody came to, and doubts that newer data settles."""
    at = now()
    await store.queue(session, await store.overdue_days(session, at, _patience(), limit), at)


async def at_rest(session: AsyncSession) -> bool:
    """Whether nothing waits to be judged."""
    return not await store.unsettled(session, now(), _patience())


def _patience() -> timedelta:
    return max(rules.patience for rules in rulebooks.JUDGEMENT_RULES.versions)


# --- judging ----------------------------------------------------------------------------------------------------


async def judge_due(
    session: AsyncSession, prepared: PreparedDays, limit: int, failing: SetAside[VehicleDayKey]
) -> tuple[int, Counter[Verdict]]:
    """Judge the vehicle-days that have waited longest; how many there were, and the verdicts given."""
    at = now()
    days = [VehicleDayKey(*key) for key in await store.take_due(session, at, limit)]
    batch = Batch(at, prepared)
    for key in days:
        if key not in batch.judged and not await failing.attempt(session, key, _judge(session, batch, key)):
            await store.queue(session, [key], at + timedelta(seconds=SET_ASIDE_SECONDS))
    return len(days), batch.verdicts


@dataclass(slots=True)
class Batch:
    """One transaction of the judge: its moment, and the vehicle-days judged in it so far."""

    at: datetime
    prepared: PreparedDays
    judged: set[VehicleDayKey] = field(default_factory=set)
    verdicts: Counter[Verdict] = field(default_factory=Counter)


async def _judge(session: AsyncSession, batch: Batch, key: VehicleDayKey) -> None:
    if key.vehicle_id == NO_VEHICLE:
        events: list[Event] = [*await _judge_without_vehicle(session, key.day, batch.at)]
    else:
        events = await _judge_day(session, batch, key)
    await publish(session, *events)
    judged = [event for event in events if isinstance(event, StopJudged)]
    await orders.note_served(session, judged)
    batch.verdicts.update(event.verdict for event in judged)


async def _judge_day(session: AsyncSession, batch: Batch, key: VehicleDayKey) -> list[Event]:
    """The events of a vehicle-day, after those of the vehicles that had stops of it before."""
    batch.judged.add(key)
    handed = await _judge_formers(session, batch, key)
    facts = await load_facts(session, key, handed.handovers, handed.heard)
    if facts is None:
        return handed.events
    day = batch.prepared.of(facts)
    matches = day.match(facts)
    judgements = day.judge(facts, matches, batch.at)
    return [*handed.events, *await _record(session, facts, judgements, batch.at)]


class Handed(NamedTuple):
    """The hand-overs of a vehicle-day, until when the data of those who gave it stops reaches, and what judging these came to."""

    handovers: tuple[Handover, ...]
    heard: Heard
    events: list[Event]


async def _judge_formers(session: AsyncSession, batch: Batch, key: VehicleDayKey) -> Handed:
    """Vehicles that had stops of another before and whose data has not been looked at: what they did is known first."""
    handovers = await handover_store.of_vehicle_day(session, *key)
    former = {one.vehicle_id for one in received(handovers, key.vehicle_id)}
    if not former:
        return Handed(handovers, {}, [])
    heard = await handover_store.known_until(session, former)
    events: list[Event] = []
    for vehicle_id in await store.unread(session, sorted(former), key.day):
        if (vehicle_id, key.day) not in batch.judged:
            events += await _judge_day(session, batch, VehicleDayKey(vehicle_id, key.day))
    return Handed(await handover_store.of_vehicle_day(session, *key), heard, events)


async def _record(session: AsyncSession, facts: VehicleDayFacts, judgements: list[Judgement], at: datetime) -> list[Event]:
    """Which stop each lift counts for, what was mixed, what was done at stops that were given away, and the verdicts."""
    await fact_store.match_lifts(session, facts.matched_anew(judgements))
    mixed = await violations.review(session, facts, judgements, at)
    given_away = lent(facts.handovers, facts.vehicle_id)
    await _record_given_away(session, [(given_away[j.stop_id], j) for j in judgements if j.stop_id in given_away], at)
    own = [judgement for judgement in judgements if judgement.stop_id in facts.own and judgement.stop_id not in given_away]
    own = all_combined(own, received(facts.handovers, facts.vehicle_id), facts.heard)
    return [*await record(session, facts.own, own, facts.known_until, at), *mixed]


async def _record_given_away(session: AsyncSession, judged: Iterable[tuple[Handover, Judgement]], at: datetime) -> None:
    """What a vehicle did at stops that it gave away; those who have them now are judged anew if it is news."""
    changed = [after for before, judgement in judged if (after := before.serving(judgement)) != before]
    for after in changed:
        await handover_store.save_service(session, after)
    await store.queue(session, {(after.stop_vehicle_id or NO_VEHICLE, after.service_day) for after in changed}, at)


async def _judge_without_vehicle(session: AsyncSession, day: date, at: datetime) -> list[StopJudged]:
    """Nobody was to come, so nobody knows."""
    stops = {stop.stop_id: stop for stop in await store.overdue_without_vehicle(session, day, at, 1000)}
    return await record(session, stops, [Judgement(stop_id, Verdict.UNKNOWN) for stop_id in stops], None, at)
