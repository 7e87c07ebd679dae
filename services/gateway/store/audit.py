"""The facts of a day, added up without the books."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.weighing import BookedTrip
from services.gateway.store.flows import of_day as flows_of_day
from services.gateway.store.weighed import CLOSED, LIFT, TIP, TRIP
from shared.rows import columns_of, many

__all__ = ["booked_trips", "flows_of_day", "lifted_kg", "tipped_kg", "vehicles_that_tipped"]


async def booked_trips(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> list[BookedTrip]:
    c = TRIP.c
    query = select(*columns_of(BookedTrip, TRIP)).where(c.vehicle_id == vehicle_id, c.tipped_at >= start, c.tipped_at < end)
    return await many(session, BookedTrip, query)


async def vehicles_that_tipped(session: AsyncSession, start: datetime, end: datetime) -> list[str]:
    """By their tickets or by their trips."""
    tipped = select(TIP.c.vehicle_id).where(TIP.c.at >= start, TIP.c.at < end, TIP.c.status == CLOSED, TIP.c.haul_id.is_(None))
    booked = select(TRIP.c.vehicle_id).where(TRIP.c.tipped_at >= start, TRIP.c.tipped_at < end)
    return sorted(vehicle_id for vehicle_id in (await session.execute(tipped.union(booked))).scalars() if vehicle_id is not None)


async def lifted_kg(session: AsyncSession, start: datetime, end: datetime) -> dict[str, int]:
    """By stream."""
    c = LIFT.c
    query = select(c.stream, func.sum(c.net_kg)).where(c.at >= start, c.at < end).group_by(c.stream)
    return {stream: int(kg) for stream, kg in await session.execute(query) if kg}


async def tipped_kg(session: AsyncSession, start: datetime, end: datetime) -> dict[str, int]:
    """By stream: closed tickets of trucks."""
    c = TIP.c
    query = select(c.stream, func.sum(c.net_kg)).where(c.at >= start, c.at < end, c.status == CLOSED, c.haul_id.is_(None))
    return {stream: int(kg) for stream, kg in await session.execute(query.group_by(c.stream)) if kg}
