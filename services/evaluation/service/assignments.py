"""What an inspector has to look at this month."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.schemas.assignments import AssignmentAnswer, AssignmentsAnswer
from services.evaluation.service import periods
from services.evaluation.store import assignments as store
from shared.auth import Principal
from shared.clock import city_day, now


async def assignments(session: AsyncSession, principal: Principal, inspector: str | None, zone: ZoneInfo) -> AssignmentsAnswer:
    """Plans name inspectors by the id of their credential or by any name; both are looked for."""
    at = now()
    period = periods.month_of(at, zone)
    version = rulebooks.CHECKLISTS.on(city_day(at))
    drawn = await store.of_inspector(session, period, {principal.token_id, inspector or principal.token_id})
    items = [
        AssignmentAnswer.describing(assignment, checklist=checklist)
        for assignment in drawn
        if (checklist := version.of_place_type(assignment.place_type)) and principal.sees(district_id=assignment.area_id)
    ]
    return AssignmentsAnswer(period=period, items=items)
