"""What an inspector has to look at this month."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.schemas.assignments import AssignmentAnswer, AssignmentsAnswer
from services.evaluation.service import periods
from services.evaluation.store import assignments as store
from shared.auth import Principal
from shared.clock import city_day, now


async def assignments(session: AsyncSession, principal: Principal, inspector: str | None, zone: ZoneInfo) -> AssignmentsAnswer:
    """Plans name inspectors by the id of their credential or by any name; both are looked for."""
    at = now()
    period = periods.month_of(at, zone)
    checklists = reference.checklists(city_day(at)).checklists
    by_type = {one["place_type"]: code for code, one in checklists.items()}
    rows = await store.of_inspector(session, period, {principal.token_id, inspector or principal.token_id})
    items = [
        AssignmentAnswer.model_validate(row | {"checklist": by_type[row["place_type"]]})
        for row in rows
        if row["place_type"] in by_type and principal.sees(district_id=row["area_id"])
    ]
    return AssignmentsAnswer(period=period, items=items)
