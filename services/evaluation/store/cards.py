"""What others told that stands on record cards."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from math import cos, radians
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store.index import listed
from services.evaluation.tables.cards import CardComplaint, CardStop
from shared.db import among, upsert
from shared.rows import table_of

STOP, COMPLAINT = table_of(CardStop), table_of(CardComplaint)
METRES_PER_DEGREE = 111_000
"""A little less than any, so that a box holds its circle."""
MOST_STOPS, MOST_COMPLAINTS = 20_000, 2_000
Row = dict[str, Any]


async def put_stops(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, CardStop, rows)


async def stops(session: AsyncSession, service_point_ids: Collection[str], first: date) -> list[Row]:
    """From that day on, the newest first."""
    c = STOP.c
    query = select(*c).where(among(session, c.service_point_id, service_point_ids), c.service_day >= first)
    return listed(await session.execute(query.order_by(c.service_day.desc(), c.stop_id).limit(MOST_STOPS)))


async def put_complaints(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, CardComplaint, rows)


async def drop_complaints(session: AsyncSession, complaint_ids: Collection[str]) -> None:
    if complaint_ids:
        await session.execute(delete(COMPLAINT).where(among(session, COMPLAINT.c.complaint_id, complaint_ids)))


async def complaints(session: AsyncSession, lon: float, lat: float, near_m: int, first: date) -> list[Row]:
    """Within a box around the place, from that day on, the newest first."""
    c, high = COMPLAINT.c, near_m / METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    query = select(*c).where(c.lat.between(lat - high, lat + high), c.lon.between(lon - wide, lon + wide))
    query = query.where(c.requested_at >= datetime.combine(first, time(), UTC))
    return listed(await session.execute(query.order_by(c.requested_at.desc(), c.complaint_id).limit(MOST_COMPLAINTS)))
