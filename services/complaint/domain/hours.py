"""Counting seconds in natural hours, or in working hours by a calendar with holidays and made-up working days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from shared.calendar import Calendar, is_working_day

FARTHEST_DAYS = 4000
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """`spans`: the working hours of a working day, in order, by the wall clock of `zone`; empty: natural hours."""

    zone: tzinfo
    spans: Sequence[tuple[time, time]]
    calendar: Calendar

    @property
    def day_seconds(self) -> int:
        """The seconds of a whole (work) day."""
        on = date(2000, 1, 3)
        spans = (datetime.combine(on, end) - datetime.combine(on, begin) for begin, end in self.spans)
        return sum(int(span / SECOND) for span in spans) or 86_400


def _spans_from(start: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Working spans that end after `start`, the first one cut at it; UTC."""
    day = start.astimezone(hours.zone).date()
    for _ in range(FARTHEST_DAYS):
        if is_working_day(day, hours.calendar):
            for begin, end in hours.spans:
                opens, closes = (datetime.combine(day, at, hours.zone).astimezone(UTC) for at in (begin, end))
                if closes > start:
                    yield max(opens, start), closes
        day += timedelta(days=1)
    raise OverflowError("no working day within ten years")


def advance(start: datetime, seconds: int, hours: Hours) -> datetime:
    """The moment when so many seconds have been counted from `start`; UTC."""
    if not hours.spans or seconds <= 0:
        return start + timedelta(seconds=max(seconds, 0))
    left = timedelta(seconds=seconds)
    for opens, closes in _spans_from(start, hours):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise OverflowError("unreachable")


def counted(start: datetime, end: datetime, hours: Hours) -> float:
    """The seconds counted between the two."""
    if end <= start:
        return 0.0
    if not hours.spans:
        return (end - start) / SECOND
    total = timedelta()
    for opens, closes in _spans_from(start, hours):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total / SECOND
