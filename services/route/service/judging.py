"""The judge: decides again what became of a vehicle's stops whenever facts arrive or time passes.

Judging takes all the facts of a vehicle-day, in the order of their own time. So it does not matter in which order they
arrived, and late ones change what was decided; every change is a new revision with its reason.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.rules.judgement import JudgementRules
from services.route.rules.places import PlannedStop
from services.route.rules.verdicts import MISSED, PLANNED, UNKNOWN, Judgement, VehicleDay
from services.route.rules.versions import in_force
from services.route.store import facts, plan
from services.route.store import judging as store
from services.route.store.judging import NO_VEHICLE
from shared.clock import now
from shared.events.route import StopJudged
from shared.outbox import publish
from shared.vocabulary import Verdict

EVIDENCE_PAUSE = timedelta(seconds=30)
"""While a truck stands at a stop its evidence grows with every fix; it is written at most this often, the verdict at once."""
MOST_REMEMBERED = 2000
FACTS = tuple(PlannedStop.__slots__)
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
    reach = timedelta(hours=3 * max(rules.match_hours for rules in reference.judgement_rules()))
    at = now()
    for (start, end), vehicle_ids in sorted(spans.items()):
        await store.queue(session, await plan.days_near(session, vehicle_ids, start - reach, end + reach), at)
    return bool(dirty)


async def queue_overdue(session: AsyncSession, limit: int) -> None:
    """Time passes, too: queue stops that nobody came to, and doubts that newer data settles."""
    at = now()
    await store.queue(session, await store.overdue_days(session, at, limit), at)


# --- judging ----------------------------------------------------------------------------------------------------


class PreparedDays:
    """Vehicle-days made ready for judging, remembered as long as their stops are the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, date], tuple[list[PlannedStop], VehicleDay]] = OrderedDict()

    def of(self, key: tuple[str, date], stops: list[PlannedStop], rules: JudgementRules) -> VehicleDay:
        known = self._known.get(key)
        if known is None or known[0] != stops or known[1].rules is not rules:
            self._known[key] = known = (stops, VehicleDay(stops, rules))
        self._known.move_to_end(key)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known[1]


async def judge_due(session: AsyncSession, prepared: PreparedDays, limit: int) -> int:
    """Judge the vehicle-days that have waited longest; how many there were."""
    at = now()
    days = await store.take_due(session, at, limit)
    events: list[StopJudged] = []
    for vehicle_id, day in days:
        if vehicle_id == NO_VEHICLE:
            events += await _judge_without_vehicle(session, day, at)
        else:
            events += await _judge_day(session, prepared, vehicle_id, day, at)
    await publish(session, *events)
    return len(days)


async def _judge_day(session: AsyncSession, prepared: PreparedDays, vehicle_id: str, day: date, at: datetime) -> list[StopJudged]:
    rules = in_force(reference.judgement_rules(), day)
    own = {stop["stop_id"]: stop for stop in await store.stops_of_day(session, vehicle_id, day)}
    if not own:
        return []
    stops = [_planned(stop) for stop in [*own.values(), *await _rivals(session, vehicle_id, day, own.values(), rules)]]
    stops.sort(key=lambda stop: (stop.planned_at, stop.stop_id))
    match = timedelta(hours=rules.match_hours)
    span = stops[0].planned_at - match, stops[-1].planned_at + match
    lifts, matched = await facts.lifts(session, vehicle_id, *span)
    seen = await facts.observations(session, vehicle_id, *span)
    known_until = await facts.known_until(session, vehicle_id)
    judged = prepared.of((vehicle_id, day), stops, rules).judge(seen, lifts, known_until, at)
    await facts.match_lifts(session, _newly_matched(judged, matched, own))
    return await _decide(session, own, [judgement for judgement in judged if judgement.stop_id in own], known_until, at)


async def _rivals(
    session: AsyncSession, vehicle_id: str, day: date, own: Iterable[dict[str, Any]], rules: JudgementRules
) -> list[dict[str, Any]]:
    """Stops of the days before and after that a visit may have been meant for instead."""
    planned = [stop["planned_at"] for stop in own]
    reach = timedelta(hours=2 * rules.match_hours)
    return await store.stops_around(session, vehicle_id, day, min(planned) - reach, max(planned) + reach)


def _planned(stop: dict[str, Any]) -> PlannedStop:
    return PlannedStop(**{name: stop[name] for name in FACTS})


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
    return await _decide(session, stops, [Judgement(stop_id, UNKNOWN) for stop_id in stops], None, at)


# --- what is new about it ---------------------------------------------------------------------------------------


async def _decide(
    session: AsyncSession,
    stops: dict[str, dict[str, Any]],
    judged: Sequence[Judgement],
    known_until: datetime | None,
    at: datetime,
) -> list[StopJudged]:
    """Write the judgements that differ from what was decided before; evidence that only grows may wait."""
    changed, history, events, later = [], [], [], set()
    for judgement in judged:
        stop = stops[judgement.stop_id]
        evidence = judgement.evidence.to_json() if judgement.evidence else {}
        is_same = (judgement.verdict, judgement.served_at) == (stop["verdict"], stop["served_at"])
        if is_same and evidence == (stop["evidence"] or {}):
            continue
        if is_same and stop["judged_at"] is not None and at < stop["judged_at"] + EVIDENCE_PAUSE:
            later.add((stop["vehicle_id"], stop["service_day"], stop["judged_at"] + EVIDENCE_PAUSE))
            continue
        new = {"verdict": judgement.verdict, "served_at": judgement.served_at, "evidence": evidence, "judged_at": at}
        new["revision"] = stop["revision"] + 1
        changed.append({"stop_id": stop["stop_id"]} | new)
        history.append(_entry(stop, new, known_until))
        events.append(_event(stop, new))
    await store.put_judgements(session, changed, history)
    for vehicle_id, day, due_at in sorted(later):
        await store.queue(session, [(vehicle_id, day)], due_at)
    return events


def _entry(stop: dict[str, Any], new: dict[str, Any], known_until: datetime | None) -> dict[str, Any]:
    return {
        "stop_id": stop["stop_id"],
        "revision": new["revision"],
        "verdict": new["verdict"],
        "at": new["served_at"] or (stop["deadline"] if new["verdict"] != PLANNED else new["judged_at"]),
        "served_at": new["served_at"],
        "evidence": new["evidence"],
        "known_until": known_until,
        "decided_at": new["judged_at"],
        "reason": _reason(stop, new),
    }


def _reason(stop: dict[str, Any], new: dict[str, Any]) -> str:
    """Why a verdict is no longer what it was."""
    if stop["verdict"] == PLANNED:
        return "nobody came in time" if new["verdict"] in {MISSED, UNKNOWN} else "the truck came"
    if (new["verdict"], new["served_at"]) == (stop["verdict"], stop["served_at"]):
        return "more evidence"
    return "late data"


def _event(stop: dict[str, Any], new: dict[str, Any]) -> StopJudged:
    return StopJudged(
        stop_id=stop["stop_id"],
        run_id=stop["run_id"],
        service_day=stop["service_day"],
        revision=new["revision"],
        verdict=Verdict(new["verdict"]),
        previous=Verdict(stop["verdict"]),
        judged_at=new["judged_at"],
        served_at=new["served_at"],
        vehicle_id=stop["vehicle_id"],
        district_id=stop["district_id"],
        evidence=new["evidence"],
    )
