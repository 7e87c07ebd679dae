"""Road sections come in as GeoJSON, and how often each was done is held against what its road level asks."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.coverage.frequency import DayPasses, counted, longest
from services.route.domain.coverage.rules import SweepingRules
from services.route.domain.coverage.sections import RoadSection, SectionFilters, read_sections
from services.route.domain.timetable.routes import Finding
from services.route.schemas.sections import PassesAnswer, SectionAnswer, SectionImport, SectionImportAnswer
from services.route.schemas.timetables import FindingAnswer
from services.route.store import sections as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Forbidden
from shared.tables_in.reading import read_features
from shared.tables_in.refusals import agreed_datum, refused

ALL_AT_ONCE = 1000


async def import_sections(session: AsyncSession, principal: Principal, body: SectionImport) -> SectionImportAnswer:
    """Create or update each; those that are not in the file stay, and runs already made keep the lines they have."""
    count, sections, rejected = await asyncio.to_thread(_read, body, rulebooks.SWEEPING_RULES.at(now()))
    known = await store.sections(session, [section.section_id for section in sections])
    _require_own_districts(principal, sections, known)
    changed = [section for section in sections if known.get(section.section_id) != section]
    if not body.dry_run:
        await store.save(session, changed)
    created = sum(section.section_id not in known for section in sections)
    return SectionImportAnswer(
        dry_run=body.dry_run,
        features=count,
        created=created,
        updated=len(changed) - created,
        unchanged=len(sections) - len(changed),
        rejected=[FindingAnswer.model_validate(finding) for finding in rejected],
    )


def _read(body: SectionImport, rules: SweepingRules) -> tuple[int, list[RoadSection], list[Finding]]:
    with refused():
        features = read_features(body.content, encoding=body.encoding)
    datum = agreed_datum(body.datum, features.crs)
    mapping = {str(name): column for name, column in body.mapping.items()}
    defaults = {str(name): value for name, value in body.defaults.items()}
    return len(features.items), *read_sections(features.items, mapping, defaults, datum, rules)


def _require_own_districts(principal: Principal, sections: list[RoadSection], known: Mapping[str, RoadSection]) -> None:
    for section in sections:
        old = known.get(section.section_id)
        theirs = {section.district_id} if old is None else {section.district_id, old.district_id}
        if not all(principal.sees(district_id=district_id) for district_id in theirs):
            raise Forbidden(f"section {section.section_id} is not in your districts; nothing was imported")


# --- read -------------------------------------------------------------------------------------------------------


async def list_sections(
    session: AsyncSession, principal: Principal, filters: SectionFilters, cursor: str | None, limit: int
) -> Page[SectionAnswer]:
    page = await _page(session, principal, filters, cursor, limit)
    return Page(items=[SectionAnswer.model_validate(section) for section in page.sections], next_cursor=page.next_cursor)


class SectionPage(NamedTuple):
    sections: Sequence[RoadSection]
    next_cursor: str | None


async def _page(
    session: AsyncSession, principal: Principal, filters: SectionFilters, cursor: str | None, limit: int
) -> SectionPage:
    key = decode_cursor(cursor, str)
    sections = await store.page(session, principal, filters, key[0] if key else None, limit + 1)
    return SectionPage(sections[:limit], encode_cursor(sections[limit - 1].section_id) if len(sections) > limit else None)


# --- passes -----------------------------------------------------------------------------------------------------


async def list_passes(
    session: AsyncSession,
    principal: Principal,
    day: date,
    filters: SectionFilters,
    defects: bool,
    cursor: str | None,
    limit: int,
) -> Page[PassesAnswer]:
    """`limit` sections at once, each with every task it asks for; with `defects` only what falls short of that."""
    page = await _page(session, principal, filters, cursor, limit)
    passes = await _passes(session, day, page.sections)
    return Page(items=[item for item in passes if item.defects or not defects], next_cursor=page.next_cursor)


async def all_passes(
    session: AsyncSession, principal: Principal, day: date, filters: SectionFilters, defects: bool
) -> list[PassesAnswer]:
    items: list[PassesAnswer] = []
    cursor: str | None = None
    while True:
        page = await list_passes(session, principal, day, filters, defects, cursor, ALL_AT_ONCE)
        items += page.items
        if (cursor := page.next_cursor) is None:
            return items


async def _passes(session: AsyncSession, day: date, sections: Sequence[RoadSection]) -> list[PassesAnswer]:
    rules = rulebooks.SWEEPING_RULES.on(day)
    by_section: dict[str, list[DayPasses]] = {section.section_id: [] for section in sections}
    for of_day in await store.passes(session, by_section, day - longest(rules), day):
        by_section[of_day.section_id].append(of_day)
    return [
        PassesAnswer.of(section, day, passes)
        for section in sections
        for passes in counted(section.road_level, day, by_section[section.section_id], rules)
    ]
