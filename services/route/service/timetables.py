"""A timetable file comes in: every row a stop or a named rejection; the same file again changes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.coverage.sections import SectionPlace
from services.route.domain.timetable.columns import BadMapping
from services.route.domain.timetable.file import parse_timetable
from services.route.domain.timetable.routes import Finding, KnownRoute, Route, TimedStop, Timetable
from services.route.schemas.timetables import FindingAnswer, ImportAnswer, TimetableImport
from services.route.service import trucks
from services.route.service.run_plans import give_coming_runs
from services.route.store import plan, sections
from services.route.store import timetable as store
from shared.auth import Principal
from shared.clock import city_day, now
from shared.errors import Forbidden, Invalid
from shared.tables_in.cells import text_of
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import agreed_datum, refused
from shared.tables_in.table import Table
from shared.vocabulary import Task


@dataclass(slots=True)
class Changes:
    """What an import would store."""

    routes: list[KnownRoute]
    timetables: list[Route]
    created: int = 0


async def import_timetable(session: AsyncSession, principal: Principal, body: TimetableImport) -> ImportAnswer:
    """Store the file's routes, each replacing the timetable it had; with `dry_run` only say what would become of each row."""
    table = await asyncio.to_thread(_table, body)  # seconds for a whole city; nothing is locked meanwhile
    named = await sections.places(session, _sections_named(body, table))
    parsed = await asyncio.to_thread(_parsed, body, table, named)
    parsed = replace(parsed, warnings=(*parsed.warnings, *await _unfit(session, parsed)))
    await plan.lock_planning(session)
    known = await store.routes(session, [route.route_id for route in parsed.routes])
    _require_own_districts(principal, parsed.routes, known)
    changes = await _changes(session, parsed.routes, known)
    if not body.dry_run:
        await _store(session, parsed, changes, known)
    return _answer(body, parsed, changes)


def _table(body: TimetableImport) -> Table:
    with refused():
        return read_table(body.content, body.format, encoding=body.encoding, sheet=body.sheet)


def _sections_named(body: TimetableImport, table: Table) -> set[str]:
    column = body.mapping.get("section_id") or "section_id"
    cells = [row.get(column) for row in table.rows] + [body.defaults.get("section_id")]
    return {text for cell in cells if (text := text_of(cell))}


def _parsed(body: TimetableImport, table: Table, named: Mapping[str, SectionPlace]) -> Timetable:
    today = city_day(now())
    limits, hours = rulebooks.IMPORT_LIMITS.on(today), rulebooks.SWEEPING_RULES.on(today).most_window_hours
    try:
        with refused():
            return parse_timetable(
                table,
                body.mapping,
                limits,
                defaults=body.defaults,
                datum=agreed_datum(body.datum, table.crs),
                sections=named,
                most_window_hours=hours,
                decimal_mark=body.decimal_mark,
            )
    except BadMapping as error:
        wrong = [{"code": "bad_mapping", "detail": problem[:500]} for problem in error.problems[:20]]
        raise Invalid("the mapping does not fit the file; see errors", code="bad_mapping", errors=wrong) from error


async def _unfit(session: AsyncSession, parsed: Timetable) -> list[Finding]:
    """Routes whose truck is not made for what they are for: named, not refused, as the truck may still change."""
    driven = [(route, route.vehicle_id) for route in parsed.routes if route.vehicle_id and route.task != Task.COLLECTION]
    reasons = [(route, await trucks.unfit(session, vehicle_id, route.task)) for route, vehicle_id in driven]
    return [Finding(min(stop.row for stop in route.stops), "wrong_kind", reason) for route, reason in reasons if reason]


def _require_own_districts(principal: Principal, routes: Sequence[Route], known: Mapping[str, KnownRoute]) -> None:
    for route in routes:
        old = known.get(route.route_id)
        theirs = {route.district_id} if old is None else {route.district_id, old.district_id}
        if not all(principal.sees(district_id=district_id) for district_id in theirs):
            raise Forbidden(f"route {route.route_id} is not in your districts; nothing was imported")


async def _changes(session: AsyncSession, routes: Sequence[Route], known: Mapping[str, KnownRoute]) -> Changes:
    lines, at = await store.lines(session, known), now()
    changes = Changes([], [])
    for route in routes:
        old = known.get(route.route_id)
        moved = _content(route.stops) != _content(lines.get(route.route_id, []))
        new = old.imported(route, at, moved=moved) if old else KnownRoute.first(route, at)
        if moved:
            changes.timetables.append(route)
        if new is not old:
            changes.routes.append(new)
        changes.created += old is None
    return changes


def _content(stops: Sequence[TimedStop]) -> list[TimedStop]:
    """Without the row's number: a line inserted above does not change a route."""
    return [replace(stop, row=0) for stop in stops]


async def _store(session: AsyncSession, parsed: Timetable, changes: Changes, known: Mapping[str, KnownRoute]) -> None:
    await store.save_routes(session, changes.routes)
    if changes.timetables:
        await store.replace_lines(session, changes.timetables)
    await _store_points(session, parsed)
    for route in changes.routes:
        old = known.get(route.route_id)
        if old is not None and route.vehicle_id != old.vehicle_id:
            await give_coming_runs(session, route.route_id, route.vehicle_id)
    if changes.routes:
        await plan.raise_plan_version(session)


async def _store_points(session: AsyncSession, parsed: Timetable) -> None:
    """Each place as this file describes it, with what every route collects there."""
    points = parsed.service_points()
    known = await store.points(session, [point.service_point_id for point in points])
    streams = await store.streams_by_point(session)
    new = [replace(point, streams=tuple(sorted(streams[point.service_point_id]))) for point in points]
    await store.save_points(session, [point for point in new if known.get(point.service_point_id) != point])


def _answer(body: TimetableImport, parsed: Timetable, changes: Changes) -> ImportAnswer:
    changed = len(changes.routes)
    return ImportAnswer(
        dry_run=body.dry_run,
        rows=parsed.row_count,
        stops=parsed.stop_count,
        routes=len(parsed.routes),
        service_points=len(parsed.service_points()),
        routes_created=changes.created,
        routes_updated=changed - changes.created,
        routes_unchanged=len(parsed.routes) - changed,
        rejected=[FindingAnswer.model_validate(finding) for finding in parsed.rejected],
        warnings=[FindingAnswer.model_validate(finding) for finding in parsed.warnings],
    )
