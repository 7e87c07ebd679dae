"""What the counts of complaints come to: rates, and the periods they are compared with."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
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
    found, first = [], period.first
    while first <= period.last:
        last = min(period.last, first.replace(day=monthrange(first.year, first.month)[1]))
        found.append(Period(first, last))
        first = last + timedelta(days=1)
    return found


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def rates(counts: Mapping[str, int]) -> dict[str, float | None]:
    """响应率: contacted in time of those whose contact clock stopped or ran out; 解决率, 满意率: of those called back;
    按时办结率: in time of those answered or overdue; 一次完成率: closed without being sent back, of those closed here: an
    imported case does not tell."""
    return {
        "response_rate": ratio(counts["contacted_in_time"], counts["contact_due"]),
        "resolution_rate": ratio(counts["solved"], counts["called_back"]),
        "satisfaction_rate": ratio(counts["satisfied"], counts["rated"]),
        "on_time_rate": ratio(counts["resolved_in_time"], counts["resolve_due"]),
        "first_time_right_rate": ratio(counts["closed_at_once"], counts["closed_here"]),
    }


def ranked(counts: Mapping[str, int]) -> dict[str, int]:
    """1 is the most; the same number shares a rank."""
    return {key: 1 + sum(other > count for other in counts.values()) for key, count in counts.items()}


def week_of(text: str) -> Period:
    """`2026-W47`: Monday to Sunday. ValueError for anything else."""
    monday = date.fromisoformat(f"{text}-1")
    return Period(monday, monday + timedelta(days=6))
