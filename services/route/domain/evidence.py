"""Whether the city served a place, from what is known of the stops planned around it. `sentences.py` says it in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple, Self

from services.route.domain.judging.facts import Observation
from services.route.domain.judging.findings import SERVED
from services.route.domain.stops import LATE_DATA, Stop, StopVerdict
from shared.versions import Version
from shared.vocabulary import Task, Verdict, WasteStream

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFilters:
    """A WGS-84 place and a time; None asks for any stream or task."""

    lon: float
    lat: float
    start: datetime
    end: datetime
    stream: WasteStream | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfStops:
    """A service point, or a place that only a dispatch order named."""

    service_point_id: str
    name: str
    lon: float
    lat: float
    district_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLift:
    """A lift that counts for the stop."""

    stop_id: str
    lift_id: str
    vehicle_id: str
    at: datetime
    net_kg: int | None
    tag: str | None


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

    verdict: Verdict
    served_at: datetime | None = None
    vehicle_id: str | None = None
    net_kg: int | None = None
    codes: tuple[str, ...] = ()
    corrected: bool = False
    task: Task = Task.COLLECTION

    @classmethod
    def of(cls, stop: Stop, history: Iterable[StopVerdict]) -> Self:
        return cls(
            verdict=stop.verdict,
            served_at=stop.served_at,
            vehicle_id=stop.known.vehicle_id or stop.vehicle_id,
            net_kg=stop.known.net_kg,
            codes=stop.known.codes,
            task=stop.task,
            corrected=any(entry.reason == LATE_DATA for entry in history),
        )

    @property
    def data(self) -> Literal["complete", "late", "missing"]:
        """`missing`: the truck has not been heard of since; `late`: it was, after we had decided without it."""
        if self.verdict is Verdict.UNKNOWN:
            return "missing"
        return "late" if self.corrected else "complete"


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
    for verdict, outcome in ((Verdict.MISSED, NOT_SERVED), (Verdict.UNKNOWN, UNKNOWN), (Verdict.EXCEPTED, EXCEPTED)):
        if verdict in verdicts:
            return outcome
    return NOT_YET
