"""What an inspector has to look at."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.inspections import Assignment
from services.evaluation.store.inspections import INSPECTION, ITEM, PLACE, PLAN
from shared.rows import many

MOST = 1000


async def of_inspector(session: AsyncSession, period: date, names: Collection[str]) -> list[Assignment]:
    """What is not inspected yet comes first."""
    theirs = (INSPECTION.c.plan_id == ITEM.c.plan_id) & (INSPECTION.c.place_id == ITEM.c.place_id)
    last = select(func.max(INSPECTION.c.at)).where(theirs, INSPECTION.c.voided_at.is_(None)).scalar_subquery()
    c = PLACE.c
    query = (
        select(ITEM.c.plan_id, ITEM.c.place_id, c.name, c.place_type, c.area_id, c.lon, c.lat, last.label("inspected_at"))
        .join(PLAN, PLAN.c.plan_id == ITEM.c.plan_id)
        .join(PLACE, c.place_id == ITEM.c.place_id)
        .where(PLAN.c.period == period, ITEM.c.inspector.in_(sorted(names)))
    )
    order = (last.is_not(None), c.area_id, c.name, ITEM.c.plan_id, ITEM.c.place_id)
    return await many(session, Assignment, query.order_by(*order).limit(MOST))
