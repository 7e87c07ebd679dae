"""Violations as they stand, and what the judge needs to know of a lift to name one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.store.facts import LIFT
from services.route.store.timetable import POINT
from services.route.tables.facts import Violation
from shared.auth import Principal
from shared.db import among, dicts_by_key, upsert
from shared.rows import table_of
from shared.scope import in_districts

VIOLATION = table_of(Violation)


async def known(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
    """The vehicle's violations between the two, by id."""
    c = VIOLATION.c
    query = select(*c).where(c.vehicle_id == vehicle_id, c.at >= start, c.at <= end)
    return dicts_by_key(await session.execute(query))


async def put(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Violation, rows)


async def points(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """streams and district_id of service points."""
    c = POINT.c
    query = select(c.service_point_id, c.streams, c.district_id).where(among(session, c.service_point_id, sorted(ids)))
    return dicts_by_key(await session.execute(query))


async def tags(session: AsyncSession, lift_ids: Iterable[str]) -> dict[str, str | None]:
    """The tags of the bins that were lifted."""
    rows = await session.execute(select(LIFT.c.lift_id, LIFT.c.tag).where(among(session, LIFT.c.lift_id, sorted(lift_ids))))
    return {row.lift_id: row.tag for row in rows}


async def one(session: AsyncSession, principal: Principal, violation_id: str) -> Violation | None:
    """Within the bearer's scope."""
    query = select(Violation).where(VIOLATION.c.violation_id == violation_id, *principal.scope.rows(VIOLATION))
    return (await session.execute(query)).scalars().first()


async def page(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], after: tuple[datetime, str] | None, limit: int
) -> list[Violation]:
    """In the order of the lifts. A 6-digit district includes its subdistricts."""
    c = VIOLATION.c
    query: Select[Any] = select(Violation).where(*principal.scope.rows(VIOLATION))
    for column, value in filters.items():
        query = query.where(in_districts(c.district_id, {value}) if column == "district_id" else c[column] == value)
    if after is not None:
        at, violation_id = after
        query = query.where(or_(c.at > at, and_(c.at == at, c.violation_id > violation_id)))
    return list((await session.execute(query.order_by(c.at, c.violation_id).limit(limit))).scalars())
