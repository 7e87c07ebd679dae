"""What others told that stands on record cards."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from math import cos, radians

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.cards import CardComplaint, CardStop
from services.evaluation.tables.cards import CardComplaintRow, CardStopRow
from shared.db import among, upsert
from shared.rows import columns_of, many, table_of, to_rows

STOP, COMPLAINT = table_of(CardStopRow), table_of(CardComplaintRow)
METRES_PER_DEGREE = 111_000
"""A little less than any, so that a box holds its circle."""
MOST_STOPS, MOST_COMPLAINTS = 20_000, 2_000


async def save_stops(session: AsyncSession, stops: Sequence[CardStop]) -> None:
    await upsert(session, CardStopRow, to_rows(stops))


async def stops(session: AsyncSession, service_point_ids: Collection[str], first: date) -> list[CardStop]:
    """From that day on, the newest first."""
    c = STOP.c
    query = select(*columns_of(CardStop, STOP)).where(
        among(session, c.service_point_id, service_point_ids), c.service_day >= first
    )
    return await many(session, CardStop, query.order_by(c.service_day.desc(), c.stop_id).limit(MOST_STOPS))


async def save_complaints(session: AsyncSession, complaints: Sequence[CardComplaint]) -> None:
    await upsert(session, CardComplaintRow, to_rows(complaints))


async def drop_complaints(session: AsyncSession, complaint_ids: Collection[str]) -> None:
    if complaint_ids:
        await session.execute(delete(COMPLAINT).where(among(session, COMPLAINT.c.complaint_id, complaint_ids)))


async def complaints(session: AsyncSession, lon: float, lat: float, near_m: int, first: date) -> list[CardComplaint]:
    """Within a box around the place, from that day on, the newest first."""
    c, high = COMPLAINT.c, near_m / METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    query = select(*columns_of(CardComplaint, COMPLAINT)).where(
        c.lat.between(lat - high, lat + high),
        c.lon.between(lon - wide, lon + wide),
        c.requested_at >= datetime.combine(first, time(), UTC),
    )
    return await many(session, CardComplaint, query.order_by(c.requested_at.desc(), c.complaint_id).limit(MOST_COMPLAINTS))
