"""Exceedances with their history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.tables.emissions import Exceedance, ExceedanceRevision
from shared.db import dicts_by_key, insert_new, upsert
from shared.rows import table_of
from shared.scope import Scope

EXCEEDANCE, REVISION = table_of(Exceedance), table_of(ExceedanceRevision)


async def to_review(session: AsyncSession, line_id: str, start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
    """By id: those of the time, those still open, and those that were closed by something of that time."""
    c = EXCEEDANCE.c
    touched = or_(
        and_(c.period_start >= start, c.period_start < end),
        c.status == "open",
        and_(c.closed_at >= start, c.closed_at < end),
    )
    return dicts_by_key(await session.execute(select(*c).where(c.line_id == line_id, touched)))


async def put(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Exceedance, rows)
    kept = ("exceedance_id", "revision", "status", "value", "limit", "changed_at")
    await insert_new(session, ExceedanceRevision, [{name: row[name] for name in kept} for row in rows])


async def get(session: AsyncSession, exceedance_id: str) -> Exceedance | None:
    return await session.get(Exceedance, exceedance_id)


async def history(session: AsyncSession, exceedance_id: str) -> Sequence[ExceedanceRevision]:
    c = REVISION.c
    query = select(ExceedanceRevision).where(c.exceedance_id == exceedance_id).order_by(c.revision)
    return (await session.execute(query)).scalars().all()


async def page(
    session: AsyncSession,
    scope: Scope,
    filters: Mapping[str, Any],
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Exceedance]:
    """In the order of the periods."""
    c = EXCEEDANCE.c
    query = select(Exceedance).where(*(c[name] == value for name, value in filters.items()))
    query = query.where(*scope.rows(EXCEEDANCE, station_id=c.plant_id))
    query = query if start is None else query.where(c.period_start >= start)
    query = query if end is None else query.where(c.period_start < end)
    if after is not None:
        query = query.where(or_(c.period_start > after[0], and_(c.period_start == after[0], c.exceedance_id > after[1])))
    return (await session.execute(query.order_by(c.period_start, c.exceedance_id).limit(limit))).scalars().all()


async def open_by_kind(session: AsyncSession) -> dict[str, int]:
    c = EXCEEDANCE.c
    rows = await session.execute(select(c.kind, func.count()).where(c.status == "open").group_by(c.kind))
    return {row[0]: row[1] for row in rows}
