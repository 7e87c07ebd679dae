"""What a day is for those who follow the public calendar: holidays, and weekend days that are worked to make up for one.

Values in, values out, so that the pure rules of every service may import it; `shared.public_calendar` reads the shipped days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

HOLIDAY, WORKDAY, ORDINARY = "holiday", "workday", "ordinary"
MONDAY, FRIDAY, SATURDAY, SUNDAY = 1, 5, 6, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day that the public calendar names; `ordinary` takes back what the shipped calendar says of it."""

    day: date
    kind: str
    name_zh: str
    name_en: str


Calendar = Mapping[date, SpecialDay]


def counts_as(day: date, calendar: Calendar) -> int:
    """The ISO weekday that a day is for those who follow the calendar: a holiday is a Sunday, a Saturday that is worked a
    Friday, a Sunday that is worked a Monday."""
    special = calendar.get(day)
    weekday = day.isoweekday()
    if special is None or special.kind == ORDINARY:
        return weekday
    if special.kind == HOLIDAY:
        return SUNDAY
    return {SATURDAY: FRIDAY, SUNDAY: MONDAY}.get(weekday, weekday)


def is_working_day(day: date, calendar: Calendar) -> bool:
    return counts_as(day, calendar) <= FRIDAY
