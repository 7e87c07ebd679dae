"""What the counts of complaints come to: rates, and the periods they are compared with."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple


class Period(NamedTuple):
    """Days, both included."""

    first: date
    last: date


def is_whole_months(period: Period) -> bool:
    return period.first.day == 1 and period.last.day == monthrange(period.last.year, period.last.month)[1]


def previous(period: Period) -> Period:
    """As many days (or whole months) before."""
    last = period.first - timedelta(days=1)
    if not is_whole_months(period):
        return Period(last - (period.last - period.first), last)
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    month = period.first.year * 12 + period.first.month - 1 - months
    return Period(date(month // 12, month % 12 + 1, 1), last)


def year_before(period: Period) -> Period:
    """The same days of the year before; 29 February is the 28th there."""
    first, last = (_in_year(day, day.year - 1) for day in period)
    if is_whole_months(period):
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return Period(first, last)


def _in_year(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def months_of(period: Period) -> list[Period]:
    """The calendar months that it touches, the first and last cut at its ends."""
    months, first = [], period.first
    while first <= period.last:
        last = min(period.last, first.replace(day=monthrange(first.year, first.month)[1]))
        months.append(Period(first, last))
        first = last + timedelta(days=1)
    return months


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """0 to 1; None where nothing is due."""

    response_rate: float | None
    resolution_rate: float | None
    satisfaction_rate: float | None
    on_time_rate: float | None
    first_time_right_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cases of a group: how many there are, and how many of which the rates are made."""

    cases: int = 0
    open: int = 0
    overdue: int = 0
    closed: int = 0
    closed_at_once: int = 0
    closed_here: int = 0
    contact_due: int = 0
    contacted_in_time: int = 0
    resolved_in_time: int = 0
    resolve_due: int = 0
    called_back: int = 0
    solved: int = 0
    rated: int = 0
    satisfied: int = 0
    pressed: int = 0
    escalated: int = 0

    def rates(self) -> Rates:
        """响应率: contacted in time of those whose contact clock stopped or ran out; 解决率, 满意率: of those called back;
        按时办结率: in time of those answered or overdue; 一次完成率: closed without being sent back, of those closed here: an
        imported case does not tell."""
        return Rates(
            response_rate=ratio(self.contacted_in_time, self.contact_due),
            resolution_rate=ratio(self.solved, self.called_back),
            satisfaction_rate=ratio(self.satisfied, self.rated),
            on_time_rate=ratio(self.resolved_in_time, self.resolve_due),
            first_time_right_rate=ratio(self.closed_at_once, self.closed_here),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCounts:
    """Open cases: all, and by the colour of their clock."""

    open: int
    red: int
    yellow: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdedCell:
    """`category` None: of all of them."""

    cell: int
    category: str | None
    cases: int
    closed: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Of one subdistrict and category."""

    street: str
    category: str
    cases: int
    open: int
    overdue: int
    sent_back: int


def ranked(counts: Mapping[str, int]) -> dict[str, int]:
    """1 is the most; the same number shares a rank."""
    return {key: 1 + sum(other > count for other in counts.values()) for key, count in counts.items()}


def week_of(text: str) -> Period:
    """`2026-W47`: Monday to Sunday. ValueError for anything else."""
    monday = date.fromisoformat(f"{text}-1")
    return Period(monday, monday + timedelta(days=6))
