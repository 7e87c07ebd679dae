"""What holds for a case: the rules of the day it came in, the calendar, its limits."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain import clocks
from services.complaint.domain.cases import Case
from services.complaint.domain.casework import Terms
from services.complaint.domain.clocks import ClockRules, Limit
from services.complaint.domain.hours import Hours
from services.complaint.store import cases as store
from shared.calendar import Calendar
from shared.clock import monotonic
from shared.public_calendar import public_calendar
from shared.vocabulary import ClockKind

FRESH_SECONDS = 5.0
_read: WeakKeyDictionary[Any, tuple[float, Calendar]] = WeakKeyDictionary()
"""By database: every step needs the calendar, and what a city says of a day changes a few times a year."""


async def calendar(session: AsyncSession) -> Calendar:
    """As shipped, changed by what this city said itself until a few seconds ago."""
    database = session.get_bind().engine
    read_at, days = _read.get(database, (-FRESH_SECONDS, {}))
    if monotonic() - read_at < FRESH_SECONDS:
        return days
    own = await store.own_days(session)
    days = public_calendar() | {day: own_day.special for day, own_day in own.items()}
    _read[database] = monotonic(), days
    return days


def terms_of(case: Case, days: Calendar, zone: ZoneInfo) -> Terms:
    rules = rulebooks.CLOCK_RULES.at(case.received_at)

    def hours(working: bool) -> Hours:
        return clocks.hours_of(rules, working, zone, days)

    return Terms(rules, limits_of(rules, case, case.district_id), hours)


def limits_of(rules: ClockRules, case: Case, district_id: str | None) -> Callable[[ClockKind], Limit | None]:
    return lambda kind: clocks.limit_of(rules, kind, case.category, district_id, case.urgency)
