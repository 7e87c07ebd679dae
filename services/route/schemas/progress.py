"""How far a run and a day are."""

from datetime import date, datetime
from typing import Literal, Self

from services.route.domain.progress import StopCounts
from shared.bodies import Answer

GroupBy = Literal["district", "contractor", "route"]


class PaceAnswer(Answer):
    """Median seconds between one served stop and the next, and between planned ones; `times_plan` above 1 is slower.
    With few served stops the plan's own pace is taken."""

    served_seconds: float | None
    planned_seconds: float | None
    times_plan: float


class RunProgress(Answer):
    """A run as of `at`. `left`: stops still waited for; missed, unknown and excepted ones are neither done nor left.
    `behind_minutes`: negative when ahead of the plan. `known_until`: how far the truck's data reaches."""

    run_id: str
    at: datetime
    known_until: datetime | None
    stops: int
    done: int
    left: int
    percent: float
    """Of the stops, done; 0 to 100."""
    pace: PaceAnswer
    planned_finish_at: datetime | None
    last_served_at: datetime | None
    expected_finish_at: datetime | None
    """By the pace so far; null when nothing is left or nobody drives."""
    behind_minutes: float | None


class ProgressGroup(Answer):
    """done = on_time + early + late; stops = done + missed + unknown + excepted + waiting."""

    key: str | None
    """Null: stops without a district or contractor."""
    name: str | None
    """Of a route."""
    runs: int
    stops: int
    done: int
    on_time: int
    """Collected within its window."""
    early: int
    late: int
    missed: int
    unknown: int
    excepted: int
    waiting: int
    punctuality: float | None
    """on_time / done, 0 to 1; null while nothing is done."""

    @classmethod
    def of(cls, counts: StopCounts) -> Self:
        return cls.describing(counts, on_time=counts.collected, waiting=counts.planned)


class ProgressAnswer(Answer):
    """`total`: of all that the bearer sees; a run of two contractors counts in the groups of both."""

    service_day: date
    by: GroupBy
    at: datetime
    groups: list[ProgressGroup]
    total: ProgressGroup
