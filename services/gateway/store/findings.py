"""Findings of the balance and what was said of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables.weighed import CityFinding, CityFindingChange
from shared.db import insert_new, is_postgres, upsert
from shared.rows import table_of
from shared.scope import Scope

FINDING, CHANGE = table_of(CityFinding), table_of(CityFindingChange)


async def finding(session: AsyncSession, finding_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    query = select(*FINDING.c).where(FINDING.c.finding_id == finding_id)
    if lock and is_postgres(session):
        query = query.with_for_update()
    row = (await session.execute(query)).mappings().first()
    return dict(row) if row else None


async def put(session: AsyncSession, row: dict[str, Any], change: dict[str, Any]) -> None:
    await upsert(session, CityFinding, [row])
    await insert_new(session, CityFindingChange, [change])


async def open_subjects(session: AsyncSession, kinds: Collection[str]) -> set[str]:
    query = select(FINDING.c.subject_id).where(FINDING.c.kind.in_(list(kinds)), FINDING.c.status != "withdrawn")
    return set((await session.execute(query)).scalars())


async def open_counts(session: AsyncSession, scope: Scope) -> dict[str, int]:
    query = select(FINDING.c.kind, func.count()).where(FINDING.c.status == "open", *scope.rows(FINDING)).group_by(FINDING.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


async def page(
    session: AsyncSession, scope: Scope, filters: Mapping[str, Any], after: tuple[date, str] | None, limit: int
) -> list[dict[str, Any]]:
    """The newest days first."""
    c = FINDING.c
    query = select(*c).where(*scope.rows(FINDING), *(c[name] == value for name, value in filters.items()))
    if after is not None:
        query = query.where(or_(c.day < after[0], and_(c.day == after[0], c.finding_id > after[1])))
    rows = await session.execute(query.order_by(c.day.desc(), c.finding_id).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def history(session: AsyncSession, finding_id: str) -> Sequence[dict[str, Any]]:
    query = select(*CHANGE.c).where(CHANGE.c.finding_id == finding_id).order_by(CHANGE.c.revision)
    return [dict(row) for row in (await session.execute(query)).mappings()]
