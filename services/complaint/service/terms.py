"""What holds for a case: the rules of the day it came in, the calendar, its limits."""

from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import clocks
from services.complaint.domain.casework import Terms
from services.complaint.domain.hours import Hours
from services.complaint.store import cases as store
from shared.calendar import Calendar, SpecialDay
from shared.clock import monotonic
from shared.public_calendar import public_calendar

FRESH_SECONDS = 5.0
_held: WeakKeyDictionary[Any, tuple[float, Calendar]] = WeakKeyDictionary()
"""By database: every step needs the calendar, and what a city says of a day changes a few times a year."""


async def calendar(session: AsyncSession) -> Calendar:
    """As shipped, changed by what this city said itself until a few seconds ago."""
    database = session.get_bind().engine
    read_at, days = _held.get(database, (-FRESH_SECONDS, {}))
    if monotonic() - read_at < FRESH_SECONDS:
        return days
    own = await store.own_days(session)
    names = ("day", "kind", "name_zh", "name_en")
    days = public_calendar() | {day: SpecialDay(**{name: row[name] for name in names}) for day, row in own.items()}
    _held[database] = monotonic(), days
    return days


def terms_of(row: dict[str, Any], days: Calendar, zone: ZoneInfo) -> Terms:
    rules = reference.clock_rules(row["received_at"])
    district = row["district_id"]

    def hours(working: bool) -> Hours:
        return clocks.hours_of(rules, working, zone, days)

    return Terms(rules, lambda kind: clocks.limit_of(rules, kind, row["category"], district, row["urgency"]), hours)
