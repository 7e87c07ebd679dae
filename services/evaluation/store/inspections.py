"""Places, plans and inspections."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.inspections import Inspection, Place, Plan, PlanItem
from services.evaluation.domain.sampling import Candidate
from services.evaluation.tables.inspections import InspectionRow, PlaceRow, PlanItemRow, PlanRow
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, many, one, table_of, to_row, to_rows
from shared.scope import Scope

PLACE, PLAN, ITEM, INSPECTION = (table_of(table) for table in (PlaceRow, PlanRow, PlanItemRow, InspectionRow))


async def save_place(session: AsyncSession, place: Place) -> None:
    await upsert(session, PlaceRow, [to_row(place)])


async def places(session: AsyncSession, ids: Collection[str]) -> dict[str, Place]:
    query = select(*columns_of(Place, PLACE)).where(among(session, PLACE.c.place_id, list(ids)))
    return {place.place_id: place for place in await many(session, Place, query)}


async def list_places(session: AsyncSession, scope: Scope, area_id: str | None, after: str, limit: int) -> list[Place]:
    query = select(*columns_of(Place, PLACE))
    query = query.where(PLACE.c.place_id > after, *scope.rows(PLACE, district_id=PLACE.c.area_id))
    if area_id is not None:
        query = query.where(PLACE.c.area_id.startswith(area_id, autoescape=True))
    return await many(session, Place, query.order_by(PLACE.c.place_id).limit(limit))


async def active_places(session: AsyncSession) -> list[Candidate]:
    query = select(PLACE.c.place_id, PLACE.c.area_id, PLACE.c.place_type).where(PLACE.c.active)
    return [Candidate(*columns) for columns in await session.execute(query)]


async def add_plan(session: AsyncSession, plan: Plan, items: Sequence[PlanItem]) -> None:
    await insert_new(session, PlanRow, [to_row(plan)])
    await insert_new(session, PlanItemRow, to_rows(items))


async def plan(session: AsyncSession, plan_id: str) -> Plan | None:
    return await one(session, Plan, select(*columns_of(Plan, PLAN)).where(PLAN.c.plan_id == plan_id))


async def plan_items(session: AsyncSession, plan_id: str) -> list[PlanItem]:
    query = select(*columns_of(PlanItem, ITEM)).where(ITEM.c.plan_id == plan_id)
    return await many(session, PlanItem, query.order_by(ITEM.c.area_id, ITEM.c.place_type, ITEM.c.place_id))


async def inspections(session: AsyncSession, ids: Collection[str]) -> dict[str, Inspection]:
    query = select(*columns_of(Inspection, INSPECTION)).where(among(session, INSPECTION.c.inspection_id, list(ids)))
    return {inspection.inspection_id: inspection for inspection in await many(session, Inspection, query)}


async def add_inspections(session: AsyncSession, inspections: Sequence[Inspection]) -> None:
    await insert_new(session, InspectionRow, to_rows(inspections))


async def save_void(session: AsyncSession, inspection: Inspection) -> None:
    changed = update(INSPECTION).where(INSPECTION.c.inspection_id == inspection.inspection_id)
    await session.execute(changed.values(voided_at=inspection.voided_at, void_reason=inspection.void_reason))


async def of_place(session: AsyncSession, place_id: str, limit: int) -> list[Inspection]:
    """The newest first, without those that are void."""
    c = INSPECTION.c
    query = select(*columns_of(Inspection, INSPECTION)).where(c.place_id == place_id, c.voided_at.is_(None))
    return await many(session, Inspection, query.order_by(c.at.desc()).limit(limit))


async def list_inspections(
    session: AsyncSession, scope: Scope, after: tuple[datetime, str] | None, limit: int
) -> list[Inspection]:
    """The newest first."""
    c = INSPECTION.c
    query = select(*columns_of(Inspection, INSPECTION)).where(*scope.rows(INSPECTION, district_id=c.area_id))
    if after is not None:
        at, inspection_id = after
        query = query.where(or_(c.at < at, (c.at == at) & (c.inspection_id < inspection_id)))
    return await many(session, Inspection, query.order_by(c.at.desc(), c.inspection_id.desc()).limit(limit))
