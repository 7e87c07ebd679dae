"""What is known around a place: by index from the point to its stops, and from them to verdicts, lifts and passes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.evidence import Seen
from services.route.domain.judging.visits import Observation as ObservationFact
from services.route.store.facts import LIFT, SEEN
from services.route.store.plan import HISTORY, STOP
from services.route.store.timetable import POINT
from shared.auth import Principal
from shared.db import among

OF_POINT = ("service_point_id", "name", "lon", "lat", "district_id")


async def points_in_box(
    session: AsyncSession, principal: Principal, west: float, south: float, east: float, north: float
) -> list[dict[str, Any]]:
    """Service points, and places that only a dispatch order named."""
    points, ordered = (
        select(*(table.c[name] for name in OF_POINT)).where(
            table.c.lat >= south, table.c.lat <= north, table.c.lon >= west, table.c.lon <= east, *principal.scope.rows(table)
        )
        for table in (POINT, STOP)
    )
    rows = await session.execute(points.union(ordered.where(STOP.c.not_before.is_not(None))))
    return [dict(row) for row in rows.mappings()]


async def stops_at(
    session: AsyncSession, place_ids: Sequence[str], start: datetime, end: datetime, only: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The stops of these service points and sections whose window meets the time between the two; `only`: column → value."""
    c = STOP.c
    query = select(*c).where(among(session, c.service_point_id, place_ids), c.window_end >= start, c.window_start <= end)
    query = query.where(*(c[column] == value for column, value in only.items()))
    return [dict(row) for row in (await session.execute(query.order_by(c.planned_at, c.stop_id))).mappings()]


async def histories(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = select(*HISTORY.c).where(among(session, HISTORY.c.stop_id, stop_ids))
    return _by_stop((await session.execute(query.order_by(HISTORY.c.stop_id, HISTORY.c.revision))).mappings())


async def lifts(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    c = LIFT.c
    query = select(c.stop_id, c.lift_id, c.vehicle_id, c.at, c.net_kg, c.tag).where(among(session, c.stop_id, stop_ids))
    return _by_stop((await session.execute(query.order_by(c.at, c.lift_id))).mappings())


async def seen(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[Seen]]:
    """Fixes that lay nearest to one of these stops."""
    c = SEEN.c
    query = select(c.stop_id, c.vehicle_id, c.nearest_m, c.at, c.lon, c.lat, c.speed_kmh)
    query = query.where(among(session, c.stop_id, stop_ids), c.left_out.is_(False))
    found: dict[str, list[Seen]] = {}
    for stop_id, vehicle_id, metres, *fix in await session.execute(query):
        found.setdefault(stop_id, []).append(Seen(vehicle_id, metres, ObservationFact(*fix)))
    return found


def _by_stop(rows: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["stop_id"], []).append(dict(row))
    return found
