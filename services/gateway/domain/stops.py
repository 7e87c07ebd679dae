"""Runs and their stops, as they were planned and judged."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from shared.vocabulary import Verdict, ViolationKind, ViolationStatus, WasteStream

DONE = frozenset({Verdict.COLLECTED, Verdict.EARLY, Verdict.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    run_id: str
    revision: int
    route_name: str
    service_day: date
    vehicle_id: str | None
    district_id: str | None
    stream: WasteStream


class StopVerdict(NamedTuple):
    stop_id: str
    revision: int
    verdict: Verdict
    served_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """`revision` 0: planned, not judged yet."""

    stop_id: str
    run_id: str
    service_day: date
    vehicle_id: str | None
    district_id: str | None
    seq: int
    name: str
    lon: float
    lat: float
    window_start: datetime
    window_end: datetime
    verdict: Verdict = Verdict.PLANNED
    revision: int = 0
    served_at: datetime | None = None
    changed_seq: int

    def judged(self, verdict: StopVerdict) -> "Stop":
        return replace(self, verdict=verdict.verdict, revision=verdict.revision, served_at=verdict.served_at)


class StopNow(NamedTuple):
    """What a map shows of a stop. A tuple: a snapshot reads thousands."""

    stop_id: str
    run_id: str
    seq: int
    name: str
    lon: float
    lat: float
    verdict: str
    window_start: datetime
    window_end: datetime
    served_at: datetime | None


class StopCount(NamedTuple):
    """`district_id` is empty where there is none. `window`, now: upcoming, open or over."""

    district_id: str
    verdict: str
    window: str
    stops: int

    @property
    def standing(self) -> str:
        """done, due, upcoming, or the verdict. A planned stop whose window is over but that is not judged yet is still due:
        somebody should look."""
        if self.verdict in DONE:
            return "done"
        if self.verdict == Verdict.PLANNED:
            return "upcoming" if self.window == "upcoming" else "due"
        return self.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    violation_id: str
    revision: int
    kind: ViolationKind
    status: ViolationStatus
    service_day: date
    vehicle_id: str
    contractor_id: str | None
    district_id: str | None
