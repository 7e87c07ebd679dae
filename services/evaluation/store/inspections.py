"""Places, plans, inspections, findings and their photos."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store.index import listed
from services.evaluation.tables.inspections import Finding, FindingPhoto, Inspection, Place, Plan, PlanItem
from shared.assessment import RectificationStatus
from shared.db import among, insert_new, upsert
from shared.rows import table_of
from shared.scope import Scope

PLACE, PLAN, ITEM, INSPECTION, FINDING, PHOTO = (
    table_of(table) for table in (Place, Plan, PlanItem, Inspection, Finding, FindingPhoto)
)
Row = dict[str, Any]


async def put_place(session: AsyncSession, row: Row) -> None:
    await upsert(session, Place, [row])


async def places(session: AsyncSession, ids: Collection[str]) -> dict[str, Row]:
    query = select(*PLACE.c).where(among(session, PLACE.c.place_id, list(ids)))
    return {row["place_id"]: row for row in listed(await session.execute(query))}


async def list_places(session: AsyncSession, scope: Scope, area_id: str | None, after: str, limit: int) -> list[Row]:
    query = select(*PLACE.c).where(PLACE.c.place_id > after, *scope.rows(PLACE, district_id=PLACE.c.area_id))
    if area_id is not None:
        query = query.where(PLACE.c.area_id.startswith(area_id, autoescape=True))
    return listed(await session.execute(query.order_by(PLACE.c.place_id).limit(limit)))


async def active_places(session: AsyncSession) -> list[tuple[str, str, str]]:
    query = select(PLACE.c.place_id, PLACE.c.area_id, PLACE.c.place_type).where(PLACE.c.active)
    return [tuple(row) for row in await session.execute(query)]


async def add_plan(session: AsyncSession, row: Row, items: Sequence[Row]) -> None:
    await insert_new(session, Plan, [row])
    await insert_new(session, PlanItem, items)


async def plan(session: AsyncSession, plan_id: str) -> Row | None:
    found = listed(await session.execute(select(*PLAN.c).where(PLAN.c.plan_id == plan_id)))
    return found[0] if found else None


async def plan_items(session: AsyncSession, plan_id: str) -> list[Row]:
    query = select(*ITEM.c).where(ITEM.c.plan_id == plan_id).order_by(ITEM.c.area_id, ITEM.c.place_type, ITEM.c.place_id)
    return listed(await session.execute(query))


async def inspections(session: AsyncSession, ids: Collection[str]) -> dict[str, Row]:
    query = select(*INSPECTION.c).where(among(session, INSPECTION.c.inspection_id, list(ids)))
    return {row["inspection_id"]: row for row in listed(await session.execute(query))}


async def add_inspections(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Inspection, rows)


async def void(session: AsyncSession, inspection_id: str, at: datetime, reason: str) -> None:
    changed = update(INSPECTION).where(INSPECTION.c.inspection_id == inspection_id)
    await session.execute(changed.values(voided_at=at, void_reason=reason))


async def of_place(session: AsyncSession, place_id: str, limit: int) -> list[Row]:
    query = select(*INSPECTION.c).where(INSPECTION.c.place_id == place_id, INSPECTION.c.voided_at.is_(None))
    return listed(await session.execute(query.order_by(INSPECTION.c.at.desc()).limit(limit)))


async def list_inspections(session: AsyncSession, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[Row]:
    """The newest first."""
    c = INSPECTION.c
    query = select(*c).where(*scope.rows(INSPECTION, district_id=c.area_id))
    if after is not None:
        at, inspection_id = after
        query = query.where(or_(c.at < at, (c.at == at) & (c.inspection_id < inspection_id)))
    return listed(await session.execute(query.order_by(c.at.desc(), c.inspection_id.desc()).limit(limit)))


async def put_findings(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, Finding, rows)


async def finding(session: AsyncSession, finding_id: str) -> Row | None:
    """Nobody else changes it until we commit."""
    query = select(*FINDING.c).where(FINDING.c.finding_id == finding_id).with_for_update()
    return next(iter(listed(await session.execute(query))), None)


async def read_finding(session: AsyncSession, finding_id: str) -> Row | None:
    return next(iter(listed(await session.execute(select(*FINDING.c).where(FINDING.c.finding_id == finding_id)))), None)


async def findings_of(session: AsyncSession, inspection_id: str) -> list[Row]:
    query = select(*FINDING.c).where(FINDING.c.inspection_id == inspection_id).with_for_update()
    return listed(await session.execute(query))


async def findings_at(session: AsyncSession, place_id: str) -> list[Row]:
    query = select(*FINDING.c).where(FINDING.c.place_id == place_id).order_by(FINDING.c.found_at.desc()).limit(1000)
    return listed(await session.execute(query))


async def list_findings(
    session: AsyncSession,
    filters: Row,
    scope: Scope,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Row]:
    query, c = select(*FINDING.c).where(*(FINDING.c[name] == value for name, value in filters.items())), FINDING.c
    query = query.where(*scope.rows(FINDING, district_id=c.area_id))
    if after is not None:
        at, finding_id = after
        query = query.where(or_(c.found_at < at, (c.found_at == at) & (c.finding_id < finding_id)))
    return listed(await session.execute(query.order_by(c.found_at.desc(), c.finding_id.desc()).limit(limit)))


async def problems(session: AsyncSession, scope: Scope, begin: datetime, end: datetime) -> list[Row]:
    """What was found in [begin, end), by area, kind of place and item; most findings first."""
    c, kind = FINDING.c, PLACE.c.place_type
    key = (c.area_id, kind, c.item, c.severity)
    waiting = c.status.in_([RectificationStatus.OPEN, RectificationStatus.MENDED])
    figures = (
        func.count().label("found"),
        func.count().filter(waiting).label("open"),
        func.count().filter(c.overdue).label("overdue"),
        func.count(c.place_id.distinct()).label("places"),
    )
    query = select(*key, *figures).select_from(FINDING.join(PLACE, PLACE.c.place_id == c.place_id)).group_by(*key)
    query = query.where(c.found_at >= begin, c.found_at < end, c.status != RectificationStatus.WITHDRAWN)
    query = query.where(*scope.rows(FINDING, district_id=c.area_id))
    return listed(await session.execute(query.order_by(func.count().desc(), *key)))


async def due(session: AsyncSession, at: datetime, limit: int, but: Collection[str] = ()) -> list[Row]:
    """Findings whose deadline has passed and whose end nobody has counted yet."""
    query = select(*FINDING.c).where(~FINDING.c.judged, FINDING.c.due_at <= at, FINDING.c.finding_id.not_in(list(but)))
    return listed(await session.execute(query.order_by(FINDING.c.due_at).limit(limit).with_for_update()))


async def counts(session: AsyncSession) -> tuple[int, int]:
    """Open findings, and overdue ones among them."""
    open_ones = FINDING.c.status.in_([RectificationStatus.OPEN, RectificationStatus.MENDED])
    query = select(func.count(), func.count().filter(FINDING.c.overdue)).where(open_ones)
    found = (await session.execute(query)).one()
    return int(found[0]), int(found[1])


async def add_photo(session: AsyncSession, row: Row) -> None:
    await insert_new(session, FindingPhoto, [row])


async def photo_ids(session: AsyncSession, finding_id: str) -> list[str]:
    query = select(PHOTO.c.photo_id).where(PHOTO.c.finding_id == finding_id).order_by(PHOTO.c.photo_id)
    return list((await session.execute(query)).scalars())


async def photo(session: AsyncSession, finding_id: str, photo_id: str) -> bytes | None:
    query = select(PHOTO.c.jpeg).where(PHOTO.c.finding_id == finding_id, PHOTO.c.photo_id == photo_id)
    return (await session.execute(query)).scalar()
