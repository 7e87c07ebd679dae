"""What an inspector has to look at."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store.index import listed
from services.evaluation.tables.inspections import Inspection, Place, Plan, PlanItem
from shared.rows import table_of

PLACE, PLAN, ITEM, INSPECTION = (table_of(table) for table in (Place, Plan, PlanItem, Inspection))
MOST = 1000


async def of_inspector(session: AsyncSession, period: date, names: Collection[str]) -> list[dict[str, Any]]:
    """What is not inspected yet comes first."""
    held = (INSPECTION.c.plan_id == ITEM.c.plan_id) & (INSPECTION.c.place_id == ITEM.c.place_id)
    last = select(func.max(INSPECTION.c.at)).where(held, INSPECTION.c.voided_at.is_(None)).scalar_subquery()
    c = PLACE.c
    query = (
        select(ITEM.c.plan_id, ITEM.c.place_id, c.name, c.place_type, c.area_id, c.lon, c.lat, last.label("inspected_at"))
        .join(PLAN, PLAN.c.plan_id == ITEM.c.plan_id)
        .join(PLACE, c.place_id == ITEM.c.place_id)
        .where(PLAN.c.period == period, ITEM.c.inspector.in_(sorted(names)))
    )
    order = (last.is_not(None), c.area_id, c.name, ITEM.c.plan_id, ITEM.c.place_id)
    return listed(await session.execute(query.order_by(*order).limit(MOST)))
