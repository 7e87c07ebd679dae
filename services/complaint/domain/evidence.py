"""What the city's own record says of a complaint, and what to ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.versions import Version
from shared.vocabulary import Task, Verdict

DEFAULT = "default"
UNSETTLED = frozenset({"not_yet", "unknown"})
AGAIN = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask GET /v1/service-evidence."""

    lon: float
    lat: float
    start: datetime
    end: datetime
    task: str
    stream: str | None

    def parameters(self) -> dict[str, str | float]:
        asked: dict[str, str | float] = {"lon": self.lon, "lat": self.lat}
        asked |= {"from": self.start.isoformat(), "to": self.end.isoformat(), "task": self.task}
        return asked | ({"stream": self.stream} if self.stream else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEvidence:
    """A stop near the place. Times as the route service wrote them. `net_kg`: of the visit that the finding rests on, of all
    lifts there where it rests on none."""

    stop_id: str
    run_id: str
    service_point_id: str
    task: Task
    name: str
    distance_m: float
    stream: str
    vehicle_id: str | None
    planned_at: str
    window_start: str
    window_end: str
    verdict: Verdict
    served_at: str | None
    data: str
    net_kg: int | None
    lifts: int
    passes: int


def _json_name(name: str) -> str:
    return name.rstrip("_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`outcome`: served, partly_served, not_served, excepted, unknown, not_yet or not_planned."""

    __pydantic_config__ = {"alias_generator": _json_name, "populate_by_name": True}
    """`from` is no name in Python."""

    outcome: str
    sentence_zh: str
    sentence_en: str
    radius_m: float
    from_: str
    to: str
    stops: tuple[StopEvidence, ...] = field(default_factory=tuple)

    @property
    def missed_stops(self) -> list[str]:
        return [stop.stop_id for stop in self.stops if stop.verdict is Verdict.MISSED]

    def says_the_same(self, other: "Evidence | None") -> bool:
        return other is not None and (self.outcome, self.sentence_zh) == (other.outcome, other.sentence_zh)

    def wanted_again_at(self, wanted_at: datetime | None, asked_at: datetime, requested_at: datetime) -> datetime | None:
        """Wanted anew while we asked: stays. Not settled yet: once more, for what is judged meanwhile may pass us by."""
        if wanted_at is not None and wanted_at > asked_at:
            return wanted_at
        return asked_at + AGAIN if self.outcome in UNSETTLED and asked_at < requested_at + GIVEN_UP_AFTER else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStop:
    """A stop that a case's evidence rests on; `missed`: it is what the case is about."""

    case_id: str
    stop_id: str
    verdict: Verdict
    missed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTemplates(Version):
    """By outcome of the evidence, or else `default`: a reply in zh and en."""

    by_outcome: Mapping[str, tuple[str, str]]

    def of(self, outcome: str) -> tuple[str, str]:
        return self.by_outcome.get(outcome, self.by_outcome[DEFAULT])
