"""On which days a line of the timetable is served: weekdays, the public calendar, and from when to when it is valid.

A line that follows the calendar takes a public holiday for a Sunday, and a weekend day that is worked to make up for a
holiday for the weekday next to it: Saturday counts as Friday, Sunday as Monday. Other lines know weekdays only: waste
does not wait for holidays to end.
"""

from datetime import date
from typing import Protocol

from shared.calendar import Calendar, counts_as


class Served(Protocol):
    """What says when it is served; `weekdays` are ISO numbers, both ends of the validity belong to it."""

    @property
    def weekdays(self) -> frozenset[int]: ...
    @property
    def by_calendar(self) -> bool: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


def is_served(line: Served, day: date, calendar: Calendar) -> bool:
    valid = (line.valid_from is None or line.valid_from <= day) and (line.valid_to is None or day <= line.valid_to)
    return valid and (counts_as(day, calendar) if line.by_calendar else day.isoweekday()) in line.weekdays


def may_meet(one: Served, other: Served) -> bool:
    """Whether there can be a day on which both are served."""
    begin = max((line.valid_from for line in (one, other) if line.valid_from), default=None)
    end = min((line.valid_to for line in (one, other) if line.valid_to), default=None)
    in_season = begin is None or end is None or begin <= end
    return in_season and (one.by_calendar != other.by_calendar or bool(one.weekdays & other.weekdays))
