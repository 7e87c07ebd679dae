"""What time alone does: overdue cases climb, contact data is forgotten, the city's own days are kept."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain.clocks import level_at
from services.complaint.service import cases
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.clock import now
from shared.events.route import CalendarDaySaid
from shared.setting_aside import SetAside
from shared.vocabulary import ClockKind

BATCH = 200
KEEP_COUNTS = timedelta(days=2)


async def escalate(session: AsyncSession, zone: ZoneInfo, failing: SetAside[str]) -> int:
    """Overdue cases climb a level; how many did. Each level is on record with who is told."""
    at = now()
    over = {row["case_id"]: row for row in await store.running_over(session, at, BATCH * 5, failing.keys())}
    rules = {case_id: reference.clock_rules(clock["started_at"]) for case_id, clock in over.items()}
    due = {i: level_at(at, clock["due_at"], rules[i].escalations) for i, clock in over.items()}
    rising = sorted(case_id for case_id, clock in over.items() if due[case_id] > clock["level"])[:BATCH]
    days = await calendar(session) if rising else {}

    async def rise(row: dict[str, Any]) -> None:
        case_id = row["case_id"]
        work = await cases.work_on(session, row, terms_of(row, days, zone), "rules")
        clock = work.standing.running(ClockKind.RESOLVE)
        if clock is None or row["level"] >= due[case_id]:
            return
        row["level"] = due[case_id]
        to = next(step["to"] for step in rules[case_id].escalations if step["level"] == due[case_id])
        work.touched[clock.kind, clock.round] = clock
        work.log("escalate", level=due[case_id], to=to)
        await cases.save(session, work)

    for case_id, row in (await store.locked(session, rising)).items() if rising else ():
        await failing.attempt(session, case_id, rise(row))
    return len(rising)


async def forget(session: AsyncSession) -> int:
    """Contact data of cases that ended long enough ago, and old counts of senders."""
    at = now()
    await people.forget_counts(session, at - KEEP_COUNTS)
    return await people.forget_contacts(session, at - timedelta(days=reference.intake_rules(at).contact_days))


async def keep_days(session: AsyncSession, events: Sequence[CalendarDaySaid]) -> None:
    """The newest that was said of a day holds, for clocks that start or are extended from now on."""
    held = await store.own_days(session)
    newest = {event.day: event for event in sorted(events, key=lambda event: event.said_at)}
    fresh = [event for day, event in newest.items() if day not in held or held[day]["said_at"] < event.said_at]
    await store.put_own_days(session, [event.model_dump() for event in fresh])
