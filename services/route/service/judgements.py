"""The judge: decides again what became of a vehicle's stops whenever facts arrive or time passes.

Judging takes all the facts of a vehicle-day, in the order of their own time. So it does not matter in which order they
arrived, and late ones change what was decided; every change is a new revision with its reason.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.judging.claims import ExceptionRules, of_the_day
from services.route.domain.judging.findings import UNKNOWN, Judgement, Silence
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.judging.verdicts import VehicleDay
from services.route.domain.places import PlannedStop
from services.route.service import handovers, orders, violations
from services.route.service.sections import section_of
from services.route.service.verdicts import Found, decide
from services.route.store import facts, plan
from services.route.store import handovers as handover_store
from services.route.store import judgements as store
from services.route.store.judgements import NO_VEHICLE
from shared.clock import now
from shared.events.route import StopJudged, ViolationChanged
from shared.outbox import publish
from shared.setting_aside import SET_ASIDE_SECONDS, SetAside
from shared.versions import in_force
from shared.vocabulary import Verdict

MOST_REMEMBERED = 2000
FACTS = tuple(name for name in PlannedStop.__slots__ if name != "section")
HOUR = timedelta(hours=1)
VehicleDayKey = tuple[str, date]


# --- what there is to do ----------------------------------------------------------------------------------------


async def queue_touched(session: AsyncSession, limit: int) -> bool:
    """Move the marks that consumers left to the judge's queue; False when there were none."""
    dirty = await store.take_dirty(session, limit)
    spans: dict[tuple[datetime, datetime], list[str]] = {}
    for vehicle_id, start, end in dirty:
        # Whole hours, so that vehicles on the road at the same time share one query.
        span = start.replace(minute=0, second=0, microsecond=0), end.replace(minute=0, second=0, microsecond=0) + HOUR
        spans.setdefault(span, []).append(vehicle_id)
    reach = timedelta(hours=3 * max(rules.match_hours for rules in reference.judgement_rules()))
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
    return max(rules.patience for rules in reference.judgement_rules())


# --- judging ----------------------------------------------------------------------------------------------------


class PreparedDays:
    """Vehicle-days made ready for judging, remembered as long as their stops are the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, date], tuple[list[PlannedStop], VehicleDay]] = OrderedDict()

    def of(
        self, key: tuple[str, date], stops: list[PlannedStop], rules: JudgementRules, exceptions: ExceptionRules
    ) -> VehicleDay:
        known = self._known.get(key)
        if known is None or known[0] != stops or known[1].rules is not rules or known[1].exceptions is not exceptions:
            self._known[key] = known = (stops, VehicleDay(stops, rules, exceptions))
        self._known.move_to_end(key)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known[1]


async def judge_due(
    session: AsyncSession, prepared: PreparedDays, limit: int, failing: SetAside[VehicleDayKey]
) -> tuple[int, Counter[Verdict]]:
    """Judge the vehicle-days that have waited longest; how many there were, and the verdicts given."""
    at = now()
    days = await store.take_due(session, at, limit)
    look = Look(at, prepared)
    for key in days:
        if key not in look.judged and not await failing.attempt(session, key, _judge_one(session, look, key)):
            await store.queue(session, [key], at + timedelta(seconds=SET_ASIDE_SECONDS))
    return len(days), look.verdicts


async def _judge_one(session: AsyncSession, look: "Look", key: VehicleDayKey) -> None:
    vehicle_id, day = key
    events: list[StopJudged] = []
    mixed: list[ViolationChanged] = []
    if vehicle_id == NO_VEHICLE:
        events = await _judge_without_vehicle(session, day, look.at)
    else:
        events, mixed = await _judge_day(session, look, vehicle_id, day)
    await publish(session, *events, *mixed)
    await orders.note_served(session, events)
    look.verdicts.update(event.verdict for event in events)


@dataclass(slots=True)
class Look:
    """One transaction of the judge: its moment, and the vehicle-days judged in it so far."""

    at: datetime
    prepared: PreparedDays
    judged: set[VehicleDayKey] = field(default_factory=set)
    verdicts: Counter[Verdict] = field(default_factory=Counter)


async def _judge_day(
    session: AsyncSession, look: Look, vehicle_id: str, day: date
) -> tuple[list[StopJudged], list[ViolationChanged]]:
    """How far data reaches is read before the facts: what commits in between can only be more than that, never less."""
    look.judged.add((vehicle_id, day))
    at = look.at
    rules, exceptions = in_force(reference.judgement_rules(), day), in_force(reference.exception_rules(), day)
    handed = await handover_store.of_vehicle_day(session, vehicle_id, day)
    heard = await handovers.heard_of(session, handed, vehicle_id)
    formers = handovers.formers(handed, vehicle_id)
    events, mixed = await _judge_formers(session, look, formers, day)
    if formers:
        handed = await handover_store.of_vehicle_day(session, vehicle_id, day)
    known_from, known_until = await facts.reach(session, vehicle_id)
    lent = handovers.lent(handed, vehicle_id)
    own = {stop["stop_id"]: stop for stop in await store.stops_of_day(session, vehicle_id, day, also=lent)}
    if not own:
        return events, mixed
    for stop_id, row in lent.items():
        own[stop_id] |= {"vehicle_id": vehicle_id, "contractor_id": row["contractor_id"]}
    around = own | {stop["stop_id"]: stop for stop in await _rivals(session, vehicle_id, day, own.values(), rules)}
    stops = [_planned(stop) for stop in around.values()]
    stops.sort(key=lambda stop: (stop.planned_at, stop.stop_id))
    match = timedelta(hours=rules.match_hours)
    span = stops[0].planned_at - match, stops[-1].planned_at + match
    silences = await facts.silences(session, vehicle_id, *span)
    silences += [Silence(span[0], known_from)] if known_from else []
    lifts, matched = await facts.lifts(session, vehicle_id, *span)
    seen = await facts.observations(session, vehicle_id, *span)
    first_planned_at = min(stop["planned_at"] for stop in own.values())
    reports = of_the_day(await facts.reports(session, vehicle_id, *span), first_planned_at, exceptions)
    judged = look.prepared.of((vehicle_id, day), stops, rules, exceptions).judge(seen, lifts, known_until, at, reports, silences)
    await facts.match_lifts(session, _newly_matched(judged, matched, own))
    mixed += await violations.review(session, vehicle_id, day, lifts, matched, judged, around, at)
    found = [_found(judgement) for judgement in judged if judgement.stop_id in own]
    await handovers.keep(session, lent, found, day, at)
    own_found = [one for one in found if one.stop_id not in lent]
    events += await decide(session, own, handovers.counted_in(handed, heard, vehicle_id, own_found), known_until, at)
    return events, mixed


async def _judge_formers(
    session: AsyncSession, look: Look, vehicle_ids: Iterable[str], day: date
) -> tuple[list[StopJudged], list[ViolationChanged]]:
    """Vehicles that had stops of another before and whose data has not been looked at: what they did is known first."""
    events: list[StopJudged] = []
    mixed: list[ViolationChanged] = []
    for vehicle_id in await store.unread(session, sorted(vehicle_ids), day):
        if (vehicle_id, day) not in look.judged:
            of_stops, of_lifts = await _judge_day(session, look, vehicle_id, day)
            events += of_stops
            mixed += of_lifts
    return events, mixed


def _found(judgement: Judgement) -> Found:
    evidence = judgement.evidence.to_json() if judgement.evidence else {}
    return Found(judgement.stop_id, judgement.verdict, judgement.served_at, evidence)


async def _rivals(
    session: AsyncSession, vehicle_id: str, day: date, own: Iterable[dict[str, Any]], rules: JudgementRules
) -> list[dict[str, Any]]:
    """Stops of the days before and after that a visit may have been meant for instead."""
    planned = [stop["planned_at"] for stop in own]
    reach = timedelta(hours=2 * rules.match_hours)
    return await store.stops_around(session, vehicle_id, day, min(planned) - reach, max(planned) + reach)


def _planned(stop: dict[str, Any]) -> PlannedStop:
    return PlannedStop(**{name: stop[name] for name in FACTS}, section=section_of(stop))


def _newly_matched(
    judged: Sequence[Judgement], matched: dict[str, str | None], own: dict[str, dict[str, Any]]
) -> dict[str, str | None]:
    """Lifts that count for another stop of this day than they did, or for none of it any more."""
    found: dict[str, str | None] = {}
    for judgement in judged:
        if judgement.stop_id in own and judgement.evidence is not None:
            for lift_id in judgement.evidence.lift_ids:
                found.setdefault(lift_id, judgement.stop_id)
    gone = {lift_id: None for lift_id, stop_id in matched.items() if stop_id in own and lift_id not in found}
    return gone | {lift_id: stop_id for lift_id, stop_id in found.items() if matched[lift_id] != stop_id}


async def _judge_without_vehicle(session: AsyncSession, day: date, at: datetime) -> list[StopJudged]:
    """Nobody was to come, so nobody knows."""
    stops = {stop["stop_id"]: stop for stop in await store.overdue_without_vehicle(session, day, at, 1000)}
    return await decide(session, stops, [Found(stop_id, UNKNOWN, None, {}) for stop_id in stops], None, at)
