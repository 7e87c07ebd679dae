"""What time alone does: overdue cases climb, contact data is forgotten, the city's own days are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case
from services.complaint.domain.clocks import RecordedClock, level_at
from services.complaint.domain.own_days import OwnDay
from services.complaint.service import cases
from services.complaint.service.terms import calendar
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.calendar import Calendar
from shared.clock import now
from shared.events.route import CalendarDaySaid
from shared.setting_aside import SetAside
from shared.vocabulary import ClockKind

BATCH = 200
KEEP_COUNTS = timedelta(days=2)


async def escalate(session: AsyncSession, zone: ZoneInfo, failing: SetAside[str]) -> int:
    """Overdue cases climb a level; how many did. Each level is on record with who is told."""
    at = now()
    overdue = await store.running_over(session, at, BATCH * 5, failing.keys())
    rising = {clock.case_id: rise for clock in overdue if (rise := _rise(clock, at)).level > clock.level}
    first = sorted(rising)[:BATCH]
    days = await calendar(session) if first else {}
    for case_id, case in (await store.locked(session, first)).items() if first else ():
        await failing.attempt(session, case_id, _climb(session, case, rising[case_id], zone, days))
    return len(first)


class Rise(NamedTuple):
    """The level that a case is to have, and who is told."""

    level: int
    to: str | None


def _rise(clock: RecordedClock, at: datetime) -> Rise:
    rules = rulebooks.CLOCK_RULES.at(clock.started_at)
    level = level_at(at, clock.due_at, rules.escalations)
    return Rise(level, rules.told_at(level) if level else None)


async def _climb(session: AsyncSession, case: Case, rise: Rise, zone: ZoneInfo, days: Calendar) -> None:
    work = await cases.work_on(session, case, zone, "rules", days)
    clock = work.standing.running(ClockKind.RESOLVE)
    if clock is None or case.level >= rise.level:
        return
    work = work.with_case(case.escalated(rise.level)).touch(clock)
    await cases.save(session, work.log("escalate", changed={"level": rise.level, "to": rise.to}))


async def forget(session: AsyncSession) -> int:
    """Contact data of cases that ended long enough ago, and old counts of senders."""
    at = now()
    await people.forget_counts(session, at - KEEP_COUNTS)
    return await people.forget_contacts(session, at - timedelta(days=rulebooks.INTAKE_RULES.at(at).contact_days))


async def save_own_days(session: AsyncSession, events: Sequence[CalendarDaySaid]) -> None:
    """The newest that was said of a day holds, for clocks that start or are extended from now on."""
    known = await store.own_days(session)
    newest = {event.day: event for event in sorted(events, key=lambda event: event.said_at)}
    fresh = [event for day, event in newest.items() if day not in known or known[day].said_at < event.said_at]
    await store.save_own_days(session, [_own_day(event) for event in fresh])


def _own_day(event: CalendarDaySaid) -> OwnDay:
    return OwnDay(day=event.day, kind=event.kind, name_zh=event.name_zh, name_en=event.name_en, said_at=event.said_at)
