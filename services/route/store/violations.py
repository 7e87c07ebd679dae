"""Violations as they stand, and what the judge needs to know of a lift to name one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.violations import PointStreams, Violation, ViolationFilters
from services.route.store.facts import LIFT
from services.route.store.filters import asked
from services.route.store.timetable import POINT
from services.route.tables.facts import ViolationRow
from shared.auth import Principal
from shared.db import among, upsert
from shared.rows import columns_of, many, one, table_of, to_rows

VIOLATION = table_of(ViolationRow)


async def known(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> dict[str, Violation]:
    """The vehicle's violations between the two, by id."""
    c = VIOLATION.c
    query = select(*c).where(c.vehicle_id == vehicle_id, c.at >= start, c.at <= end)
    return {violation.violation_id: violation for violation in await many(session, Violation, query)}


async def save(session: AsyncSession, violations: Sequence[Violation]) -> None:
    await upsert(session, ViolationRow, to_rows(violations))


async def points(session: AsyncSession, ids: Iterable[str]) -> dict[str, PointStreams]:
    query = select(*columns_of(PointStreams, POINT)).where(among(session, POINT.c.service_point_id, sorted(ids)))
    return {point.service_point_id: point for point in await many(session, PointStreams, query)}


async def tags(session: AsyncSession, lift_ids: Iterable[str]) -> dict[str, str | None]:
    """The tags of the bins that were lifted."""
    rows = await session.execute(select(LIFT.c.lift_id, LIFT.c.tag).where(among(session, LIFT.c.lift_id, sorted(lift_ids))))
    return {row.lift_id: row.tag for row in rows}


async def violation(session: AsyncSession, principal: Principal, violation_id: str) -> Violation | None:
    """Within the bearer's scope."""
    query = select(*VIOLATION.c).where(VIOLATION.c.violation_id == violation_id, *principal.scope.rows(VIOLATION))
    return await one(session, Violation, query)


async def page(
    session: AsyncSession, principal: Principal, filters: ViolationFilters, after: tuple[datetime, str] | None, limit: int
) -> list[Violation]:
    """In the order of the lifts."""
    c = VIOLATION.c
    query = select(*c).where(*principal.scope.rows(VIOLATION), *asked(filters, VIOLATION))
    if after is not None:
        at, violation_id = after
        query = query.where(or_(c.at > at, and_(c.at == at, c.violation_id > violation_id)))
    return await many(session, Violation, query.order_by(c.at, c.violation_id).limit(limit))
