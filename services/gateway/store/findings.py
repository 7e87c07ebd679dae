"""Findings of the balance and what was said of them."""

from collections.abc import Collection
from datetime import date

from pydantic_core import to_jsonable_python
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.findings import Finding, FindingChange, FindingFilters
from services.gateway.tables.weighed import CityFinding, CityFindingChange
from shared.db import insert_new, is_postgres, upsert
from shared.rows import columns_of, many, matching, one, table_of, to_row
from shared.scope import Scope
from shared.vocabulary import FindingKind, FindingStatus

FINDING, CHANGE = table_of(CityFinding), table_of(CityFindingChange)


async def finding(session: AsyncSession, finding_id: str, *, lock: bool = False) -> Finding | None:
    query = select(*FINDING.c).where(FINDING.c.finding_id == finding_id)
    return await one(session, Finding, query.with_for_update() if lock and is_postgres(session) else query)


async def save(session: AsyncSession, finding: Finding, actor: str) -> None:
    """The finding, and how it stands from this revision on."""
    row = to_row(finding)
    await upsert(session, CityFinding, [row])
    change = {
        "finding_id": finding.finding_id,
        "revision": finding.revision,
        "actor": actor,
        "changed_at": finding.changed_at,
        "finding": to_jsonable_python(row),
    }
    await insert_new(session, CityFindingChange, [change])


async def open_subjects(session: AsyncSession, kinds: Collection[FindingKind]) -> set[str]:
    c = FINDING.c
    stands = (c.kind.in_([kind.value for kind in kinds]), c.status != FindingStatus.WITHDRAWN.value)
    return set((await session.execute(select(c.subject_id).where(*stands))).scalars())


async def open_counts(session: AsyncSession, scope: Scope) -> dict[str, int]:
    """By kind."""
    c = FINDING.c
    query = select(c.kind, func.count()).where(c.status == FindingStatus.OPEN.value, *scope.rows(FINDING)).group_by(c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


async def page(
    session: AsyncSession, scope: Scope, filters: FindingFilters, after: tuple[date, str] | None, limit: int
) -> list[Finding]:
    """The newest days first."""
    c = FINDING.c
    query = select(*c).where(*scope.rows(FINDING), *matching(filters, FINDING))
    if after is not None:
        query = query.where(or_(c.day < after[0], and_(c.day == after[0], c.finding_id > after[1])))
    return await many(session, Finding, query.order_by(c.day.desc(), c.finding_id).limit(limit))


async def history(session: AsyncSession, finding_id: str) -> list[FindingChange]:
    query = select(*columns_of(FindingChange, CHANGE)).where(CHANGE.c.finding_id == finding_id)
    return await many(session, FindingChange, query.order_by(CHANGE.c.revision))
