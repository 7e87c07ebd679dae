"""How far a run is, how fast it goes against its plan, and when it will be done if it goes on like that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from services.route.domain.judging.findings import SERVED
from shared.versions import Version
from shared.vocabulary import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRules(Version):
    """least_gaps: with fewer gaps between served stops the plan's own pace is taken; fastest, slowest: bounds of a pace."""

    least_gaps: int
    fastest_pace: float
    slowest_pace: float


class StopState(NamedTuple):
    planned_at: datetime
    stop_id: str
    verdict: Verdict
    served_at: datetime | None = None


class Pace(NamedTuple):
    """Median seconds between one served stop and the next, and as planned; `times_plan` above 1 is slower than planned."""

    served_seconds: float | None
    planned_seconds: float | None
    times_plan: float


@dataclass(frozen=True, slots=True)
class Progress:
    """`left`: stops still waited for. `behind_minutes` is negative when ahead, None when nothing is left to be late for."""

    stops: int
    done: int
    left: int
    pace: Pace
    last_served_at: datetime | None
    expected_finish_at: datetime | None
    behind_minutes: float | None

    @property
    def percent(self) -> float:
        return round(100 * self.done / self.stops, 1) if self.stops else 0.0


def progress_of(stops: Iterable[StopState], now: datetime, rules: ProgressRules) -> Progress:
    planned = sorted(stops)
    served = sorted((stop for stop in planned if stop.served_at), key=lambda stop: (stop.served_at, stop))
    left = [stop for stop in planned if stop.verdict is Verdict.PLANNED]
    pace = _pace(planned, served, rules)
    return Progress(
        stops=len(planned),
        done=sum(stop.verdict in SERVED for stop in planned),
        left=len(left),
        pace=pace,
        last_served_at=served[-1].served_at if served else None,
        expected_finish_at=_finish(planned, left, served, pace, now),
        behind_minutes=_behind_minutes(left, served, now),
    )


def _pace(planned: Sequence[StopState], served: Sequence[StopState], rules: ProgressRules) -> Pace:
    """Medians over whichever stops come one after the other: a crew need not keep to the plan's order, and it rests."""
    as_planned = _median_gap([stop.planned_at for stop in planned])
    gaps = len(served) - 1
    as_served = _median_gap([stop.served_at for stop in served if stop.served_at])
    if as_served is None or not as_planned or gaps < rules.least_gaps:
        return Pace(as_served, as_planned, 1.0)
    return Pace(as_served, as_planned, round(min(max(as_served / as_planned, rules.fastest_pace), rules.slowest_pace), 2))


def _median_gap(times: Sequence[datetime]) -> float | None:
    """Seconds; None with fewer than two times."""
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    return median(gaps) if gaps else None


def _finish(
    planned: Sequence[StopState], left: Sequence[StopState], served: Sequence[StopState], pace: Pace, now: datetime
) -> datetime | None:
    """From the last served stop on, the planned way to each stop that is left, at the pace so far; the next is not behind us."""
    if not left:
        return None
    way = {after.stop_id: after.planned_at - before.planned_at for before, after in pairwise(planned)}
    ways = [way.get(stop.stop_id, timedelta()) * pace.times_plan for stop in left]
    last = served[-1].served_at if served else None
    next_at = left[0].planned_at if last is None else last + ways[0]
    return max(next_at, now) + sum(ways[1:], timedelta())


def _behind_minutes(left: Sequence[StopState], served: Sequence[StopState], now: datetime) -> float | None:
    """How late the last served stop was, or how long the one after it has been due, whichever is more."""
    if not left:
        return None
    if not served:
        return max(_minutes(now - left[0].planned_at), 0.0)
    last = served[-1]
    delays = [last.served_at - last.planned_at] if last.served_at else []
    delays += [now - stop.planned_at for stop in left if stop > last][:1]
    return _minutes(max(delays))


def _minutes(time: timedelta) -> float:
    return round(time.total_seconds() / 60, 1)


# --- of a day ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCounts:
    """Stops of a day by what became of them; `key`: whose they are, `name`: of a route."""

    key: str | None = None
    name: str | None = None
    runs: int = 0
    stops: int = 0
    planned: int = 0
    collected: int = 0
    early: int = 0
    late: int = 0
    missed: int = 0
    unknown: int = 0
    excepted: int = 0

    @property
    def done(self) -> int:
        return self.collected + self.early + self.late

    @property
    def punctuality(self) -> float | None:
        return round(self.collected / self.done, 4) if self.done else None


def total(counts: Sequence[StopCounts]) -> StopCounts:
    names = [field.name for field in fields(StopCounts) if field.name not in {"key", "name"}]
    return StopCounts(**{name: sum(getattr(count, name) for count in counts) for name in names})
