"""Whether the city served a place, from what is known of the stops planned around it. `sentences.py` says it in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.route.domain.judging.findings import SERVED
from services.route.domain.judging.visits import Observation
from shared.versions import Version

NOT_PLANNED, ALL_SERVED, PARTLY, NOT_SERVED, EXCEPTED, UNKNOWN, NOT_YET = (
    "not_planned",
    "served",
    "partly_served",
    "not_served",
    "excepted",
    "unknown",
    "not_yet",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules(Version):
    """radius: how far from a place a service point serves it; pass_gap: a longer silence ends a pass; slow: standing."""

    radius_m: float
    most_points: int
    most_days: int
    pass_gap_seconds: float
    slow_kmh: float


class Passing(NamedTuple):
    """A truck near a stop, from its first fix there to its last."""

    vehicle_id: str
    begin: datetime
    end: datetime
    nearest_m: float
    stood_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one stop near the place; `corrected`: late data changed what was said before."""

    verdict: str
    served_at: datetime | None = None
    vehicle_id: str | None = None
    net_kg: int | None = None
    codes: tuple[str, ...] = ()
    corrected: bool = False
    task: str = "collection"


class Seen(NamedTuple):
    vehicle_id: str
    metres: float
    observation: Observation


def passings(seen: Iterable[Seen], rules: EvidenceRules) -> list[Passing]:
    """The fixes near one stop as passes, in the order of time."""
    gap = timedelta(seconds=rules.pass_gap_seconds)
    open_passes: dict[str, list[Seen]] = {}
    closed: list[Passing] = []
    for one in sorted(set(seen), key=lambda one: (one.observation.at, one.vehicle_id)):
        going = open_passes.setdefault(one.vehicle_id, [])
        if going and one.observation.at - going[-1].observation.at > gap:
            closed.append(_passing(going, rules))
            going.clear()
        going.append(one)
    closed += [_passing(going, rules) for going in open_passes.values() if going]
    return sorted(closed, key=lambda passing: (passing.begin, passing.vehicle_id))


def _passing(fixes: Sequence[Seen], rules: EvidenceRules) -> Passing:
    stood = 0.0
    for before, after in pairwise(fixes):
        speeds = (before.observation.speed_kmh, after.observation.speed_kmh)
        if all(speed is not None and speed < rules.slow_kmh for speed in speeds):
            stood += (after.observation.at - before.observation.at).total_seconds()
    first, last = fixes[0], fixes[-1]
    nearest_m = round(min(fix.metres for fix in fixes), 1)
    return Passing(first.vehicle_id, first.observation.at, last.observation.at, nearest_m, round(stood))


def outcome_of(stops: Sequence[Outcome]) -> str:
    verdicts = {stop.verdict for stop in stops}
    if not stops:
        return NOT_PLANNED
    if verdicts <= {*SERVED}:
        return ALL_SERVED
    if verdicts & {*SERVED}:
        return PARTLY
    for verdict, outcome in (("missed", NOT_SERVED), ("unknown", UNKNOWN), ("excepted", EXCEPTED)):
        if verdict in verdicts:
            return outcome
    return NOT_YET
