"""The public calendar as this city keeps it: what ships with the service, changed by what the city says itself."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.schemas.calendar import CalendarAnswer, SpecialDayAnswer, SpecialDayBody
from services.route.store import plan, timetable
from shared.calendar import ORDINARY, Calendar, SpecialDay
from shared.clock import now
from shared.errors import BadRequest
from shared.events.route import CalendarDaySaid
from shared.outbox import publish
from shared.public_calendar import public_calendar


async def calendar(session: AsyncSession, start: date, end: date) -> Calendar:
    """The special days between the two, both included."""
    shipped = {day: special for day, special in public_calendar().items() if start <= day <= end}
    return shipped | {special.day: special for special in await timetable.own_days(session, start, end)}


async def special_days(session: AsyncSession, start: date, end: date) -> CalendarAnswer:
    if end < start:
        raise BadRequest("`to` lies before `from`")
    days = await calendar(session, start, end)
    items = [days[day] for day in sorted(days) if days[day].kind != ORDINARY]
    return CalendarAnswer(items=[SpecialDayAnswer.model_validate(special) for special in items])


async def put_day(session: AsyncSession, day: date, body: SpecialDayBody) -> SpecialDayAnswer:
    """Runs made from now on follow it; runs already made stay as they are."""
    special = SpecialDay(day=day, kind=body.kind, name_zh=body.name_zh, name_en=body.name_en)
    await plan.lock_planning(session)
    await timetable.save_own_day(session, special)
    await plan.raise_plan_version(session)
    await publish(session, CalendarDaySaid(**body.model_dump(), day=day, said_at=now()))
    return SpecialDayAnswer.model_validate(special)
