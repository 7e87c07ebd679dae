"""Bodies of daily runs."""

from datetime import date, datetime
from typing import Any, Literal, Self

from services.route.domain.stops import Stop
from shared.bodies import Answer, Body, ServiceDay
from shared.vocabulary import Task, Verdict


class PlanBody(Body):
    service_day: ServiceDay


class PlanAnswer(Answer):
    """The day's runs and stops after planning; `runs_created` of them are new."""

    service_day: date
    runs: int
    stops: int
    runs_created: int


class RunAnswer(Answer):
    """`status`: planned (nothing happened yet), running, done (no stop is waited for any more)."""

    run_id: str
    route_id: str
    route_name: str
    service_day: date
    vehicle_id: str | None
    contractor_id: str | None
    district_id: str | None
    stream: str
    task: Task
    """Sweeping, flushing and disinfection cover road sections; they carry no waste and are filed under the stream street."""
    status: Literal["planned", "running", "done"]
    revision: int
    begins_at: datetime
    stop_count: int
    by_verdict: dict[str, int]
    order_id: str | None
    """The dispatch order that made it; none made those of the timetable."""


class RunStop(Answer):
    stop_id: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    stream: str
    expected_kg: int | None
    mode: str
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    verdict: Verdict
    verdict_revision: int
    served_at: datetime | None
    section_id: str | None
    line: list[list[float]] | None
    """Of the road section it covers, [[lon, lat], …]; lon and lat are half-way along it."""
    coverage: float | None
    """The share of that line which was worked on for this pass, 0 to 1."""

    @classmethod
    def of(cls, stop: Stop, **more: Any) -> Self:
        return cls.describing(stop, verdict_revision=stop.revision, coverage=stop.known.coverage, **more)


class RunDetail(RunAnswer):
    stops: list[RunStop]
