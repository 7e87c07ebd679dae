"""Routes, their timetable and service points."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.timetable.routes import Route as TimedRoute
from services.route.domain.timetable.routes import TimedStop
from services.route.tables.timetable import CalendarDay, Route, RouteStop, ServicePoint
from shared.auth import Principal
from shared.calendar import SpecialDay
from shared.db import copy_rows, upsert
from shared.rows import table_of
from shared.scope import in_districts

ROUTE, LINE, POINT, DAY = table_of(Route), table_of(RouteStop), table_of(ServicePoint), table_of(CalendarDay)
LINE_COLUMNS = tuple(LINE.columns.keys())


async def routes(session: AsyncSession, ids: Iterable[str]) -> dict[str, Route]:
    wanted = list(ids)
    return {r.route_id: r for r in (await session.execute(select(Route).where(ROUTE.c.route_id.in_(wanted)))).scalars()}


async def all_routes(session: AsyncSession, principal: Principal | None) -> list[Route]:
    """In the order of their ids; within the bearer's scope if one is given."""
    query = select(Route).order_by(ROUTE.c.route_id)
    return list((await session.execute(query.where(*principal.scope.rows(ROUTE)) if principal else query)).scalars())


async def page_of_routes(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: str | None, limit: int
) -> list[Route]:
    query: Select[Any] = select(Route).where(*principal.scope.rows(ROUTE))
    for column, value in filters.items():
        same = in_districts(ROUTE.c.district_id, {value}) if column == "district_id" else ROUTE.c[column] == value
        query = query.where(same)
    if after is not None:
        query = query.where(ROUTE.c.route_id > after)
    return list((await session.execute(query.order_by(ROUTE.c.route_id).limit(limit))).scalars())


async def put_routes(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Route, rows)


async def lines(session: AsyncSession, route_ids: Iterable[str]) -> dict[str, list[TimedStop]]:
    """The timetables of these routes, each in its order."""
    query = select(*LINE.c).where(LINE.c.route_id.in_(list(route_ids))).order_by(LINE.c.route_id, LINE.c.position)
    found: dict[str, list[TimedStop]] = {}
    for row in await session.execute(query):
        found.setdefault(row.route_id, []).append(_timed(row))
    return found


def timed(route: Route, stops: Iterable[TimedStop]) -> TimedRoute:
    """The route as the rules take it."""
    return TimedRoute(
        route_id=route.route_id,
        name=route.name,
        district_id=route.district_id,
        vehicle_id=route.vehicle_id,
        stops=tuple(stops),
        task=route.task,
    )


def _timed(row: Any) -> TimedStop:
    return TimedStop(
        row=row.file_row,
        key=row.key,
        seq=row.seq,
        service_point_id=row.service_point_id,
        name=row.name,
        lon=row.lon,
        lat=row.lat,
        second=row.second,
        window_start_second=row.window_start_second,
        window_end_second=row.window_end_second,
        weekdays=_days(row.weekdays),
        stream=row.stream,
        expected_kg=row.expected_kg,
        kind=row.kind,
        mode=row.mode,
        section_id=row.section_id,
        by_calendar=row.by_calendar,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _days(bits: int) -> frozenset[int]:
    return frozenset(day for day in range(1, 8) if bits >> (day - 1) & 1)


async def replace_lines(session: AsyncSession, routes: Sequence[TimedRoute]) -> None:
    """The timetables of these routes are now these."""
    await session.execute(delete(LINE).where(LINE.c.route_id.in_([route.route_id for route in routes])))
    rows = [_line(route.route_id, position, stop) for route in routes for position, stop in enumerate(route.stops)]
    await copy_rows(session, RouteStop, LINE_COLUMNS, rows)


def _line(route_id: str, position: int, stop: TimedStop) -> tuple[Any, ...]:
    bits = sum(1 << (day - 1) for day in stop.weekdays)
    of = {"route_id": route_id, "position": position, "file_row": stop.row, "weekdays": bits}
    return tuple(of[name] if name in of else getattr(stop, name) for name in LINE_COLUMNS)


async def own_days(session: AsyncSession, start: date, end: date) -> list[SpecialDay]:
    """What the city itself says of the days between the two, both included."""
    c = DAY.c
    query = select(c.day, c.kind, c.name_zh, c.name_en).where(c.day >= start, c.day <= end).order_by(c.day)
    return [SpecialDay(**row) for row in (await session.execute(query)).mappings()]


async def put_own_day(session: AsyncSession, day: SpecialDay) -> None:
    await upsert(session, CalendarDay, [asdict(day)])


async def streams_by_point(session: AsyncSession) -> dict[str, set[str]]:
    """What is collected at each service point by any route."""
    found: dict[str, set[str]] = {}
    for point_id, stream in await session.execute(select(LINE.c.service_point_id, LINE.c.stream).distinct()):
        found.setdefault(point_id, set()).add(stream)
    return found


async def put_points(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, ServicePoint, rows)


async def point_rows(session: AsyncSession, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), 10_000):  # PostgreSQL takes 32,767 parameters, SQLite 250,000
        query = select(*POINT.c).where(POINT.c.service_point_id.in_(ids[start : start + 10_000]))
        found |= {row["service_point_id"]: dict(row) for row in (await session.execute(query)).mappings()}
    return found


async def page_of_points(
    session: AsyncSession, principal: Principal, route_id: str | None, after: str | None, limit: int
) -> list[ServicePoint]:
    query: Select[Any] = select(ServicePoint).where(*principal.scope.rows(POINT))
    if route_id is not None:
        query = query.where(POINT.c.service_point_id.in_(select(LINE.c.service_point_id).where(LINE.c.route_id == route_id)))
    if after is not None:
        query = query.where(POINT.c.service_point_id > after)
    return list((await session.execute(query.order_by(POINT.c.service_point_id).limit(limit))).scalars())
