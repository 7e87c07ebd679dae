"""What is known around a place: by index from the point to its stops, and from them to verdicts, lifts and passes."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.coverage.lines import Box
from services.route.domain.evidence import EvidenceFilters, PlaceOfStops, Seen, StopLift
from services.route.domain.judging.facts import Observation
from services.route.domain.stops import Stop, StopVerdict
from services.route.store.facts import LIFT, SEEN
from services.route.store.plan import HISTORY, OF_HISTORY, OF_STOP, STOP
from services.route.store.timetable import POINT
from shared.auth import Principal
from shared.db import among
from shared.rows import columns_of, many


async def points_in_box(session: AsyncSession, principal: Principal, box: Box) -> list[PlaceOfStops]:
    """Service points, and places that only a dispatch order named."""
    points, ordered = (
        select(*columns_of(PlaceOfStops, table)).where(
            table.c.lat >= box.south,
            table.c.lat <= box.north,
            table.c.lon >= box.west,
            table.c.lon <= box.east,
            *principal.scope.rows(table),
        )
        for table in (POINT, STOP)
    )
    rows = await session.execute(points.union(ordered.where(STOP.c.not_before.is_not(None))))
    return [PlaceOfStops(**row) for row in rows.mappings()]


async def stops_at(session: AsyncSession, place_ids: Sequence[str], filters: EvidenceFilters) -> list[Stop]:
    """The stops of these service points and sections whose window meets the time that is asked about."""
    c = STOP.c
    query = select(*OF_STOP).where(among(session, c.service_point_id, place_ids))
    query = query.where(c.window_end >= filters.start, c.window_start <= filters.end)
    query = query if filters.stream is None else query.where(c.stream == filters.stream.value)
    query = query if filters.task is None else query.where(c.task == filters.task.value)
    return await many(session, Stop, query.order_by(c.planned_at, c.stop_id))


async def histories(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[StopVerdict]]:
    query = select(*OF_HISTORY).where(among(session, HISTORY.c.stop_id, stop_ids))
    by_stop: defaultdict[str, list[StopVerdict]] = defaultdict(list)
    for entry in await many(session, StopVerdict, query.order_by(HISTORY.c.stop_id, HISTORY.c.revision)):
        by_stop[entry.stop_id].append(entry)
    return by_stop


async def lifts(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[StopLift]]:
    query = select(*columns_of(StopLift, LIFT)).where(among(session, LIFT.c.stop_id, stop_ids))
    by_stop: defaultdict[str, list[StopLift]] = defaultdict(list)
    for lift in await many(session, StopLift, query.order_by(LIFT.c.at, LIFT.c.lift_id)):
        by_stop[lift.stop_id].append(lift)
    return by_stop


async def seen(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, list[Seen]]:
    """Fixes that lay nearest to one of these stops."""
    c = SEEN.c
    query = select(c.stop_id, c.vehicle_id, c.nearest_m, c.at, c.lon, c.lat, c.speed_kmh)
    query = query.where(among(session, c.stop_id, stop_ids), c.left_out.is_(False))
    by_stop: defaultdict[str, list[Seen]] = defaultdict(list)
    for stop_id, vehicle_id, metres, *fix in await session.execute(query):
        by_stop[stop_id].append(Seen(vehicle_id, metres, Observation(*fix)))
    return by_stop
