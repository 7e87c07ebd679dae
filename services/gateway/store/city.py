"""The number of each change, and until when each service's events are in the view."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables.city import CityClock, CityPart
from shared.db import insert_new, upsert
from shared.rows import table_of

PART, CLOCK = table_of(CityPart), table_of(CityClock)


async def next_seq(session: AsyncSession) -> int:
    """The number of this change; whoever asks next waits until we have committed."""
    taken = (await session.execute(update(CLOCK).values(seq=CLOCK.c.seq + 1).returning(CLOCK.c.seq))).scalar()
    if taken is None:
        await insert_new(session, CityClock, [{"id": 1, "seq": 0}])
        return await next_seq(session)
    return int(taken)


async def current_seq(session: AsyncSession) -> int:
    return (await session.execute(select(CLOCK.c.seq))).scalar() or 0


async def save_part(session: AsyncSession, service: str, as_of: datetime, ahead_seconds: int, latest: datetime) -> None:
    """An older time never replaces a newer one, unless that is later than `latest`: a clock was wrong then."""
    known = (await session.execute(select(PART.c.as_of).where(PART.c.service == service))).scalar()
    if known is None or as_of > known or known > latest:
        await upsert(session, CityPart, [{"service": service, "as_of": as_of, "ahead_seconds": ahead_seconds}])


async def parts(session: AsyncSession, latest: datetime) -> dict[str, datetime]:
    """Until when all that each service published is in the view; no time later than `latest`."""
    return {row.service: min(row.as_of, latest) for row in await session.execute(select(PART.c.service, PART.c.as_of))}


async def clocks_ahead(session: AsyncSession) -> dict[str, int]:
    """Services whose clock was ahead of ours when they last said that they live, by how many seconds."""
    query = select(PART.c.service, PART.c.ahead_seconds).where(PART.c.ahead_seconds > 0).order_by(PART.c.service)
    return dict([tuple(row) for row in await session.execute(query)])
