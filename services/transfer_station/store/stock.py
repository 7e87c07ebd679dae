"""What moves a station's stock, and the hauls that leave it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.stock import Counted, Move
from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.hauls import Haul, Seal
from services.transfer_station.tables.stock import Movement, Stock, StockDay, StockEntry
from shared.auth import Principal
from shared.db import dicts_by_key, insert_new, upsert
from shared.rows import table_of

MOVEMENT, ENTRY, STOCK, HAUL = table_of(Movement), table_of(StockEntry), table_of(Stock), table_of(Haul)
DAY = table_of(StockDay)
COUNTED = "stock_taking"


async def movement(session: AsyncSession, movement_id: str) -> Movement | None:
    return await session.get(Movement, movement_id)


async def put_movement(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Movement, [row])


async def moves(session: AsyncSession, station_id: str, stream: str, start: datetime, end: datetime) -> list[Move]:
    """From `start` on, before `end`; void ones left out."""
    c = MOVEMENT.c
    query = select(c.at, c.movement_id, c.kind, c.kg, c.district_id).where(
        c.station_id == station_id, c.stream == stream, c.at >= start, c.at < end, c.kg != 0
    )
    return [Move(*row) for row in await session.execute(query.order_by(c.at))]


async def moves_at(session: AsyncSession, station_id: str, stream: str, at: datetime) -> list[Move]:
    return await moves(session, station_id, stream, at, at + timedelta(microseconds=1))


async def last_count(session: AsyncSession, station_id: str, stream: str, before: datetime) -> Counted | None:
    """The newest stock-taking before this moment."""
    c = ENTRY.c
    query = select(c.at, c.entry_id, c.kg).where(c.station_id == station_id, c.stream == stream, c.kind == COUNTED, c.at < before)
    row = (await session.execute(query.order_by(c.at.desc(), c.entry_id.desc()).limit(1))).first()
    return Counted(*row) if row else None


async def counts(session: AsyncSession, station_id: str, stream: str, start: datetime, end: datetime) -> list[Counted]:
    c = ENTRY.c
    query = select(c.at, c.entry_id, c.kg).where(
        c.station_id == station_id, c.stream == stream, c.kind == COUNTED, c.at >= start, c.at < end
    )
    return [Counted(*row) for row in await session.execute(query)]


async def moved_kg(session: AsyncSession, station_id: str, stream: str, after: datetime | None, before: datetime) -> int:
    """In less out, after one moment (not at it) and before the other."""
    c = MOVEMENT.c
    query = select(func.sum(c.kg)).where(c.station_id == station_id, c.stream == stream, c.at < before)
    query = query if after is None else query.where(c.at > after)
    return int((await session.execute(query)).scalar() or 0)


async def add_entry(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, StockEntry, [row])


async def entry(session: AsyncSession, entry_id: str) -> StockEntry | None:
    return await session.get(StockEntry, entry_id)


async def page_of_entries(
    session: AsyncSession, station_id: str, filters: dict[str, str], after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    query = select(*ENTRY.c).where(ENTRY.c.station_id == station_id, *(ENTRY.c[n] == v for n, v in filters.items()))
    return await newest_first(session, query, ENTRY.c.at, ENTRY.c.entry_id, after, limit)


async def stocks(session: AsyncSession, station_id: str) -> dict[str, dict[str, Any]]:
    """What was last told, by stream."""
    rows = await session.execute(select(*STOCK.c).where(STOCK.c.station_id == station_id))
    return {row["stream"]: dict(row) for row in rows.mappings()}


async def put_stocks(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Stock, rows)


async def kinds_of_entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    query = select(ENTRY.c.entry_id, ENTRY.c.kind).where(ENTRY.c.entry_id.in_(list(ids)))
    return dict([tuple(row) for row in await session.execute(query)])


async def days_from(session: AsyncSession, station_id: str, stream: str, first: date) -> dict[date, dict[str, Any]]:
    """As they were last told, from this day on, by day."""
    query = select(*DAY.c).where(DAY.c.station_id == station_id, DAY.c.stream == stream, DAY.c.day >= first)
    return {row["day"]: dict(row) for row in (await session.execute(query.order_by(DAY.c.day))).mappings()}


async def put_days(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, StockDay, rows)


async def stations_to_tell(session: AsyncSession) -> list[str]:
    query = select(STOCK.c.station_id).where(STOCK.c.dirty).distinct().order_by(STOCK.c.station_id)
    return list((await session.execute(query)).scalars())


# --- hauls ------------------------------------------------------------------------------------------------------


async def seal(session: AsyncSession, station_id: str, container_id: str, seal_number: str) -> Seal | None:
    return await session.get(Seal, (station_id, container_id, seal_number))


async def add_seal(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, Seal, [row])


async def haul(session: AsyncSession, haul_id: str) -> dict[str, Any] | None:
    return dicts_by_key(await session.execute(select(*HAUL.c).where(HAUL.c.haul_id == haul_id))).get(haul_id)


async def put_hauls(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Haul, rows)


async def hauls_since(session: AsyncSession, station_id: str, stream: str, start: datetime) -> list[dict[str, Any]]:
    """Oldest first, cancelled ones left out."""
    c = HAUL.c
    query = select(*c).where(c.station_id == station_id, c.stream == stream, c.left_at >= start, c.status != "cancelled")
    return list(dicts_by_key(await session.execute(query.order_by(c.left_at, c.haul_id))).values())


async def page_of_hauls(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    query = select(*HAUL.c).where(*principal.scope.rows(HAUL), *(HAUL.c[name] == value for name, value in filters.items()))
    return await newest_first(session, query, HAUL.c.left_at, HAUL.c.haul_id, after, limit)
