"""Road sections come in as GeoJSON, and how often each was done is held against what its road level asks."""

import asyncio
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.coverage.frequency import counted, longest
from services.route.domain.coverage.rules import Section, SweepingRules
from services.route.domain.coverage.sections import RoadSection, read_sections
from services.route.domain.places import COVERAGE
from services.route.domain.timetable.routes import Finding
from services.route.schemas.sections import PassesAnswer, SectionAnswer, SectionImport, SectionImportAnswer
from services.route.schemas.timetables import FindingAnswer
from services.route.store import sections as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import city_day, now
from shared.errors import Forbidden
from shared.tables_in.reading import read_features
from shared.tables_in.refusals import agreed_datum, refused
from shared.versions import in_force

ALL_AT_ONCE = 1000


async def import_sections(session: AsyncSession, principal: Principal, body: SectionImport) -> SectionImportAnswer:
    """Create or update each; those that are not in the file stay, and runs already made keep the lines they have."""
    count, sections, rejected = await asyncio.to_thread(_read, body, in_force(reference.sweeping_rules(), city_day(now())))
    known = await store.rows(session, [section.section_id for section in sections])
    _require_own_districts(principal, sections, known)
    changed = [row for section in sections if known.get(section.section_id) != (row := _row(section))]
    if not body.dry_run:
        await store.put(session, changed)
    created = sum(section.section_id not in known for section in sections)
    return SectionImportAnswer(
        dry_run=body.dry_run,
        features=count,
        created=created,
        updated=len(changed) - created,
        unchanged=len(sections) - len(changed),
        rejected=[FindingAnswer(row=f.row, code=f.code, detail=f.detail, values=dict(f.values)) for f in rejected],
    )


def _read(body: SectionImport, rules: SweepingRules) -> tuple[int, list[RoadSection], list[Finding]]:
    with refused():
        features = read_features(body.content, encoding=body.encoding)
    datum = agreed_datum(body.datum, features.crs)
    mapping = {str(name): column for name, column in body.mapping.items()}
    defaults = {str(name): value for name, value in body.defaults.items()}
    return len(features.items), *read_sections(features.items, mapping, defaults, datum, rules)


def _require_own_districts(principal: Principal, sections: list[RoadSection], known: dict[str, dict[str, Any]]) -> None:
    for section in sections:
        old = known.get(section.section_id)
        theirs = {section.district_id} if old is None else {section.district_id, old["district_id"]}
        if not all(principal.sees(district_id=district_id) for district_id in theirs):
            raise Forbidden(f"section {section.section_id} is not in your districts; nothing was imported")


def _row(section: RoadSection) -> dict[str, Any]:
    lons, lats = [lon for lon, _ in section.line], [lat for _, lat in section.line]
    lon, lat = section.midpoint
    return {
        "section_id": section.section_id,
        "name": section.name,
        "road_level": section.road_level,
        "district_id": section.district_id,
        "line": [list(point) for point in section.line],
        "length_m": round(section.length_m, 1),
        "lon": round(lon, 7),
        "lat": round(lat, 7),
        "west": min(lons),
        "south": min(lats),
        "east": max(lons),
        "north": max(lats),
    }


# --- read -------------------------------------------------------------------------------------------------------


async def list_sections(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[SectionAnswer]:
    rows, next_cursor = await _page(session, principal, filters, cursor, limit)
    return Page(items=[SectionAnswer.model_validate(row) for row in rows], next_cursor=next_cursor)


def as_geojson(page: Page[SectionAnswer]) -> dict[str, Any]:
    """RFC 7946: a LineString for each, and `next_cursor` for the next page, null on the last."""
    features = [
        {
            "type": "Feature",
            "id": section.section_id,
            "properties": section.model_dump(mode="json", exclude={"line"}),
            "geometry": {"type": "LineString", "coordinates": section.line},
        }
        for section in page.items
    ]
    return {"type": "FeatureCollection", "features": features, "next_cursor": page.next_cursor}


async def _page(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    key = decode_cursor(cursor, str)
    rows = await store.page(session, principal, filters, key[0] if key else None, limit + 1)
    return rows[:limit], encode_cursor(rows[limit - 1]["section_id"]) if len(rows) > limit else None


# --- passes -----------------------------------------------------------------------------------------------------


async def list_passes(
    session: AsyncSession, principal: Principal, day: date, filters: dict[str, Any], defects: bool, cursor: str | None, limit: int
) -> Page[PassesAnswer]:
    """`limit` sections at once, each with every task it asks for; with `defects` only what falls short of that."""
    rows, next_cursor = await _page(session, principal, filters, cursor, limit)
    found = await _passes(session, day, rows)
    return Page(items=[item for item in found if item.defects or not defects], next_cursor=next_cursor)


async def all_passes(
    session: AsyncSession, principal: Principal, day: date, filters: dict[str, Any], defects: bool
) -> list[PassesAnswer]:
    items: list[PassesAnswer] = []
    cursor: str | None = None
    while True:
        page = await list_passes(session, principal, day, filters, defects, cursor, ALL_AT_ONCE)
        items += page.items
        if (cursor := page.next_cursor) is None:
            return items


async def _passes(session: AsyncSession, day: date, sections: list[dict[str, Any]]) -> list[PassesAnswer]:
    rules = in_force(reference.sweeping_rules(), day)
    by_section: dict[str, list[dict[str, Any]]] = {section["section_id"]: [] for section in sections}
    for row in await store.passes(session, by_section, day - longest(rules), day):
        by_section[row["section_id"]].append(row)
    return [
        PassesAnswer.model_validate(section | asdict(found) | {"service_day": day, "defects": found.defects})
        for section in sections
        for found in counted(section["road_level"], day, by_section[section["section_id"]], rules)
    ]


# --- what judging and keeping positions need --------------------------------------------------------------------


def section_of(stop: dict[str, Any]) -> Section | None:
    """The section that a planned stop covers, as it was when its run was made; `stop`: a row of the table."""
    if stop["mode"] != COVERAGE or not stop["line"]:
        return None
    limits = in_force(reference.sweeping_rules(), stop["service_day"]).coverage[stop["task"]]
    return Section(stop["task"], tuple((lon, lat) for lon, lat in stop["line"]), limits)
