"""Road sections, and the passes planned over them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.coverage.sections import SectionPlace
from services.route.store.plan import STOP
from services.route.tables.sections import RoadSection
from shared.auth import Principal
from shared.db import among, dicts_by_key, upsert
from shared.rows import table_of
from shared.scope import in_districts
from shared.vocabulary import Verdict

SECTION = table_of(RoadSection)


async def rows(session: AsyncSession, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    return dicts_by_key(await session.execute(select(*SECTION.c).where(among(session, SECTION.c.section_id, sorted(ids)))))


async def places(session: AsyncSession, ids: Collection[str]) -> dict[str, SectionPlace]:
    """Asks nothing when there is nothing to ask for: so a long import need not hold SQLite's one lock."""
    if not ids:
        return {}
    c = SECTION.c
    query = select(c.section_id, c.name, c.lon, c.lat, c.district_id).where(among(session, c.section_id, sorted(ids)))
    return {section_id: SectionPlace(*place) for section_id, *place in await session.execute(query)}


async def lines(session: AsyncSession, ids: Collection[str]) -> dict[str, list[list[float]]]:
    if not ids:
        return {}
    query = select(SECTION.c.section_id, SECTION.c.line).where(among(session, SECTION.c.section_id, sorted(ids)))
    return {row.section_id: row.line for row in await session.execute(query)}


async def put(session: AsyncSession, sections: Sequence[dict[str, Any]]) -> None:
    await upsert(session, RoadSection, sections)


async def page(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], after: str | None, limit: int
) -> list[dict[str, Any]]:
    """In the order of their ids. A 6-digit district includes its subdistricts."""
    c = SECTION.c
    query: Select[Any] = select(*c).where(*principal.scope.rows(SECTION))
    for column, value in filters.items():
        query = query.where(in_districts(c.district_id, {value}) if column == "district_id" else c[column] == value)
    if after is not None:
        query = query.where(c.section_id > after)
    return [dict(row) for row in (await session.execute(query.order_by(c.section_id).limit(limit))).mappings()]


async def in_box(
    session: AsyncSession, principal: Principal, west: float, south: float, east: float, north: float
) -> list[dict[str, Any]]:
    """Sections whose own box meets this one: section_id and line."""
    c = SECTION.c
    query = select(c.section_id, c.line).where(*principal.scope.rows(SECTION))
    query = query.where(c.south <= north, c.north >= south, c.west <= east, c.east >= west)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def passes(session: AsyncSession, section_ids: Collection[str], first: date, last: date) -> list[dict[str, Any]]:
    """Of these sections' passes: section_id, task, service_day and how many there are by verdict."""
    c = STOP.c
    counted = [func.count().filter(c.verdict == verdict.value).label(verdict.value) for verdict in Verdict]
    query = select(c.section_id, c.task, c.service_day, *counted)
    query = query.where(among(session, c.section_id, sorted(section_ids)), c.service_day >= first, c.service_day <= last)
    grouped = query.group_by(c.section_id, c.task, c.service_day)
    return [dict(row) for row in (await session.execute(grouped)).mappings()]
