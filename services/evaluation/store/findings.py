"""Findings of inspections and their photos."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.filters import FindingFilters
from services.evaluation.domain.findings import Finding
from services.evaluation.domain.inspections import ItemProblems
from services.evaluation.store.inspections import PLACE
from services.evaluation.tables.inspections import FindingPhoto, FindingRow
from shared.assessment import RectificationStatus
from shared.db import insert_new, upsert
from shared.photos import Photo
from shared.rows import columns_of, many, one, table_of, to_row, to_rows
from shared.scope import Scope

FINDING, PHOTO = table_of(FindingRow), table_of(FindingPhoto)
COLUMNS = columns_of(Finding, FINDING)


async def save_findings(session: AsyncSession, findings: Sequence[Finding]) -> None:
    await upsert(session, FindingRow, to_rows(findings))


async def locked(session: AsyncSession, finding_id: str) -> Finding | None:
    """Nobody else changes it until we commit."""
    return await one(session, Finding, select(*COLUMNS).where(FINDING.c.finding_id == finding_id).with_for_update())


async def finding(session: AsyncSession, finding_id: str) -> Finding | None:
    return await one(session, Finding, select(*COLUMNS).where(FINDING.c.finding_id == finding_id))


async def findings_of(session: AsyncSession, inspection_id: str) -> list[Finding]:
    query = select(*COLUMNS).where(FINDING.c.inspection_id == inspection_id)
    return await many(session, Finding, query.with_for_update())


async def findings_at(session: AsyncSession, place_id: str) -> list[Finding]:
    query = select(*COLUMNS).where(FINDING.c.place_id == place_id)
    return await many(session, Finding, query.order_by(FINDING.c.found_at.desc()).limit(1000))


async def list_findings(
    session: AsyncSession,
    filters: FindingFilters,
    scope: Scope,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Finding]:
    c = FINDING.c
    query = select(*COLUMNS).where(*(c[name] == value for name, value in to_row(filters).items() if value is not None))
    query = query.where(*scope.rows(FINDING, district_id=c.area_id))
    if after is not None:
        at, finding_id = after
        query = query.where(or_(c.found_at < at, (c.found_at == at) & (c.finding_id < finding_id)))
    return await many(session, Finding, query.order_by(c.found_at.desc(), c.finding_id.desc()).limit(limit))


async def problems(session: AsyncSession, scope: Scope, begin: datetime, end: datetime) -> list[ItemProblems]:
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
    return await many(session, ItemProblems, query.order_by(func.count().desc(), *key))


async def due(session: AsyncSession, at: datetime, limit: int, but: Collection[str] = ()) -> list[Finding]:
    """Findings whose deadline has passed and whose end nobody has counted yet."""
    query = select(*COLUMNS).where(~FINDING.c.judged, FINDING.c.due_at <= at, FINDING.c.finding_id.not_in(list(but)))
    return await many(session, Finding, query.order_by(FINDING.c.due_at).limit(limit).with_for_update())


async def counts(session: AsyncSession) -> tuple[int, int]:
    """Open findings, and overdue ones among them."""
    waiting = FINDING.c.status.in_([RectificationStatus.OPEN, RectificationStatus.MENDED])
    query = select(func.count(), func.count().filter(FINDING.c.overdue)).where(waiting)
    findings, overdue = (await session.execute(query)).one()
    return int(findings), int(overdue)


async def add_photo(session: AsyncSession, finding_id: str, photo: Photo, received_at: datetime) -> None:
    values = {"finding_id": finding_id, "photo_id": photo.photo_id, "jpeg": photo.jpeg, "received_at": received_at}
    await insert_new(session, FindingPhoto, [values])


async def photo_ids(session: AsyncSession, finding_id: str) -> list[str]:
    query = select(PHOTO.c.photo_id).where(PHOTO.c.finding_id == finding_id).order_by(PHOTO.c.photo_id)
    return list((await session.execute(query)).scalars())


async def photo(session: AsyncSession, finding_id: str, photo_id: str) -> bytes | None:
    query = select(PHOTO.c.jpeg).where(PHOTO.c.finding_id == finding_id, PHOTO.c.photo_id == photo_id)
    return (await session.execute(query)).scalar()
