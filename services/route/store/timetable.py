"""Routes, their timetable and service points."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from functools import cache

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.timetable.routes import KnownRoute, Route, RouteFilters, ServicePoint, TimedStop
from services.route.store.filters import asked
from services.route.tables.timetable import CalendarDay, RouteRow, RouteStop, ServicePointRow
from shared.auth import Principal
from shared.calendar import SpecialDay
from shared.db import copy_rows, upsert
from shared.rows import many, table_of, to_row, to_rows

ROUTE, LINE, POINT, DAY = (table_of(table) for table in (RouteRow, RouteStop, ServicePointRow, CalendarDay))
LINE_COLUMNS = tuple(LINE.columns.keys())
AS_STORED = tuple(field.name for field in fields(TimedStop) if field.name != "weekdays")
OF_LINE = [LINE.c.weekdays, *(LINE.c["file_row" if name == "row" else name] for name in AS_STORED)]


async def routes(session: AsyncSession, ids: Iterable[str]) -> dict[str, KnownRoute]:
    query = select(*ROUTE.c).where(ROUTE.c.route_id.in_(list(ids)))
    return {route.route_id: route for route in await many(session, KnownRoute, query)}


async def all_routes(session: AsyncSession, principal: Principal | None) -> list[KnownRoute]:
    """In the order of their ids; within the bearer's scope if one is given."""
    query = select(*ROUTE.c).order_by(ROUTE.c.route_id)
    return await many(session, KnownRoute, query.where(*principal.scope.rows(ROUTE)) if principal else query)


async def page_of_routes(
    session: AsyncSession, principal: Principal, filters: RouteFilters, after: str | None, limit: int
) -> list[KnownRoute]:
    query = select(*ROUTE.c).where(*principal.scope.rows(ROUTE), *asked(filters, ROUTE))
    if after is not None:
        query = query.where(ROUTE.c.route_id > after)
    return await many(session, KnownRoute, query.order_by(ROUTE.c.route_id).limit(limit))


async def save_routes(session: AsyncSession, routes: Sequence[KnownRoute]) -> None:
    await upsert(session, RouteRow, to_rows(routes))


async def lines(session: AsyncSession, route_ids: Iterable[str]) -> dict[str, list[TimedStop]]:
    """The timetables of these routes, each in its order. A city has 20,000 lines: they are not validated once more."""
    query = select(LINE.c.route_id, *OF_LINE).where(LINE.c.route_id.in_(list(route_ids)))
    by_route: defaultdict[str, list[TimedStop]] = defaultdict(list)
    for route_id, weekdays, *values in await session.execute(query.order_by(LINE.c.route_id, LINE.c.position)):
        by_route[route_id].append(TimedStop(weekdays=_days(weekdays), **dict(zip(AS_STORED, values, strict=True))))
    return by_route


@cache
def _days(bits: int) -> frozenset[int]:
    return frozenset(day for day in range(1, 8) if bits >> (day - 1) & 1)


async def replace_lines(session: AsyncSession, routes: Sequence[Route]) -> None:
    """The timetables of these routes are now these."""
    await session.execute(delete(LINE).where(LINE.c.route_id.in_([route.route_id for route in routes])))
    rows = [_line(route.route_id, position, stop) for route in routes for position, stop in enumerate(route.stops)]
    await copy_rows(session, RouteStop, LINE_COLUMNS, rows)


def _line(route_id: str, position: int, stop: TimedStop) -> tuple[object, ...]:
    bits = sum(1 << (day - 1) for day in stop.weekdays)
    own = {"route_id": route_id, "position": position, "file_row": stop.row, "weekdays": bits}
    return tuple(own[name] if name in own else getattr(stop, name) for name in LINE_COLUMNS)


async def own_days(session: AsyncSession, start: date, end: date) -> list[SpecialDay]:
    """What the city itself says of the days between the two, both included."""
    return await many(session, SpecialDay, select(*DAY.c).where(DAY.c.day >= start, DAY.c.day <= end).order_by(DAY.c.day))


async def save_own_day(session: AsyncSession, day: SpecialDay) -> None:
    await upsert(session, CalendarDay, [to_row(day)])


async def streams_by_point(session: AsyncSession) -> dict[str, set[str]]:
    """What is collected at each service point by any route."""
    streams: defaultdict[str, set[str]] = defaultdict(set)
    for point_id, stream in await session.execute(select(LINE.c.service_point_id, LINE.c.stream).distinct()):
        streams[point_id].add(stream)
    return streams


async def save_points(session: AsyncSession, points: Sequence[ServicePoint]) -> None:
    await upsert(session, ServicePointRow, to_rows(points))


async def points(session: AsyncSession, ids: Sequence[str]) -> dict[str, ServicePoint]:
    by_id: dict[str, ServicePoint] = {}
    for start in range(0, len(ids), 10_000):  # PostgreSQL takes 32,767 parameters, SQLite 250,000
        query = select(*POINT.c).where(POINT.c.service_point_id.in_(ids[start : start + 10_000]))
        by_id |= {point.service_point_id: point for point in await many(session, ServicePoint, query)}
    return by_id


async def page_of_points(
    session: AsyncSession, principal: Principal, route_id: str | None, after: str | None, limit: int
) -> list[ServicePoint]:
    query = select(*POINT.c).where(*principal.scope.rows(POINT))
    if route_id is not None:
        query = query.where(POINT.c.service_point_id.in_(select(LINE.c.service_point_id).where(LINE.c.route_id == route_id)))
    if after is not None:
        query = query.where(POINT.c.service_point_id > after)
    return await many(session, ServicePoint, query.order_by(POINT.c.service_point_id).limit(limit))
