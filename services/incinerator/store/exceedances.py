"""Exceedances with their history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.exceedances import ExceedanceFilters, ExceedanceRevision, RecordedExceedance
from services.incinerator.tables.emissions import ExceedanceRevisionRow, ExceedanceRow
from shared.db import insert_new, upsert
from shared.rows import columns_of, many, matching, one, table_of, to_row, to_rows
from shared.scope import Scope

EXCEEDANCE, REVISION = table_of(ExceedanceRow), table_of(ExceedanceRevisionRow)


async def to_review(session: AsyncSession, line_id: str, start: datetime, end: datetime) -> dict[str, RecordedExceedance]:
    """By id: those of the time, those still open, and those that were closed by something of that time."""
    c = EXCEEDANCE.c
    touched = or_(
        and_(c.period_start >= start, c.period_start < end),
        c.status == "open",
        and_(c.closed_at >= start, c.closed_at < end),
    )
    known = await many(session, RecordedExceedance, select(*c).where(c.line_id == line_id, touched))
    return {exceedance.exceedance_id: exceedance for exceedance in known}


async def save(session: AsyncSession, exceedances: Sequence[RecordedExceedance]) -> None:
    await upsert(session, ExceedanceRow, to_rows(exceedances))
    await insert_new(session, ExceedanceRevisionRow, [to_row(exceedance, REVISION) for exceedance in exceedances])


async def get(session: AsyncSession, exceedance_id: str) -> RecordedExceedance | None:
    return await one(session, RecordedExceedance, select(*EXCEEDANCE.c).where(EXCEEDANCE.c.exceedance_id == exceedance_id))


async def history(session: AsyncSession, exceedance_id: str) -> list[ExceedanceRevision]:
    query = select(*columns_of(ExceedanceRevision, REVISION)).where(REVISION.c.exceedance_id == exceedance_id)
    return await many(session, ExceedanceRevision, query.order_by(REVISION.c.revision))


async def page(
    session: AsyncSession, scope: Scope, filters: ExceedanceFilters, after: tuple[datetime, str] | None, limit: int
) -> list[RecordedExceedance]:
    """In the order of the periods."""
    c = EXCEEDANCE.c
    query = select(*c).where(*matching(filters, EXCEEDANCE), *scope.rows(EXCEEDANCE, station_id=c.plant_id))
    query = query if filters.start is None else query.where(c.period_start >= filters.start)
    query = query if filters.end is None else query.where(c.period_start < filters.end)
    if after is not None:
        query = query.where(or_(c.period_start > after[0], and_(c.period_start == after[0], c.exceedance_id > after[1])))
    return await many(session, RecordedExceedance, query.order_by(c.period_start, c.exceedance_id).limit(limit))


async def open_by_kind(session: AsyncSession) -> dict[str, int]:
    c = EXCEEDANCE.c
    query = select(c.kind, func.count()).where(c.status == "open").group_by(c.kind)
    return {row[0]: row[1] for row in await session.execute(query)}
