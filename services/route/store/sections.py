"""Road sections, and the passes planned over them."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.coverage.frequency import DayPasses
from services.route.domain.coverage.lines import Box
from services.route.domain.coverage.sections import RoadSection, SectionFilters, SectionLine, SectionPlace
from services.route.store.filters import asked
from services.route.store.plan import STOP
from services.route.tables.sections import RoadSectionRow
from shared.auth import Principal
from shared.db import among, upsert
from shared.geo import Point
from shared.rows import columns_of, many, table_of, to_row
from shared.vocabulary import Verdict

SECTION = table_of(RoadSectionRow)
OF_SECTION, OF_LINE = columns_of(RoadSection, SECTION), columns_of(SectionLine, SECTION)


async def sections(session: AsyncSession, ids: Collection[str]) -> dict[str, RoadSection]:
    query = select(*OF_SECTION).where(among(session, SECTION.c.section_id, sorted(ids)))
    return {section.section_id: section for section in await many(session, RoadSection, query)}


async def places(session: AsyncSession, ids: Collection[str]) -> dict[str, SectionPlace]:
    """Asks nothing when there is nothing to ask for: so a long import need not hold SQLite's one lock."""
    if not ids:
        return {}
    c = SECTION.c
    query = select(c.section_id, c.name, c.lon, c.lat, c.district_id).where(among(session, c.section_id, sorted(ids)))
    return {section_id: SectionPlace(*place) for section_id, *place in await session.execute(query)}


async def lines(session: AsyncSession, ids: Collection[str]) -> dict[str, tuple[Point, ...]]:
    if not ids:
        return {}
    query = select(*OF_LINE).where(among(session, SECTION.c.section_id, sorted(ids)))
    return {section.section_id: section.line for section in await many(session, SectionLine, query)}


async def save(session: AsyncSession, sections: Sequence[RoadSection]) -> None:
    """With what is worked out of their lines, to be asked for."""
    rows = []
    for section in sections:
        lon, lat = section.midpoint
        place = {"length_m": round(section.length_m, 1), "lon": round(lon, 7), "lat": round(lat, 7)}
        rows.append(to_row(section) | place | section.box._asdict())
    await upsert(session, RoadSectionRow, rows)


async def page(
    session: AsyncSession, principal: Principal, filters: SectionFilters, after: str | None, limit: int
) -> list[RoadSection]:
    """In the order of their ids."""
    c = SECTION.c
    query = select(*OF_SECTION).where(*principal.scope.rows(SECTION), *asked(filters, SECTION))
    if after is not None:
        query = query.where(c.section_id > after)
    return await many(session, RoadSection, query.order_by(c.section_id).limit(limit))


async def in_box(session: AsyncSession, principal: Principal, box: Box) -> list[SectionLine]:
    """Sections whose own box meets this one."""
    c = SECTION.c
    query = select(*OF_LINE).where(*principal.scope.rows(SECTION))
    query = query.where(c.south <= box.north, c.north >= box.south, c.west <= box.east, c.east >= box.west)
    return await many(session, SectionLine, query)


async def passes(session: AsyncSession, section_ids: Collection[str], first: date, last: date) -> list[DayPasses]:
    """Of these sections' passes how many there are by verdict."""
    c = STOP.c
    counted = [func.count().filter(c.verdict == verdict.value).label(verdict.value) for verdict in Verdict]
    query = select(c.section_id, c.task, c.service_day, *counted)
    query = query.where(among(session, c.section_id, sorted(section_ids)), c.service_day >= first, c.service_day <= last)
    return await many(session, DayPasses, query.group_by(c.section_id, c.task, c.service_day))
