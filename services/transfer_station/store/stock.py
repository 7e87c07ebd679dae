"""What moves a station's stock, and the hauls that leave it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.hauls import Haul, HaulFilters, Seal
from services.transfer_station.domain.stock import Counted, EntryKind, Move, Movement, Stock, StockDay, StockEntry
from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.hauls import HaulRow, SealRow
from services.transfer_station.tables.stock import MovementRow, StockDayRow, StockEntryRow, StockRow
from shared.auth import Principal
from shared.db import insert_new, upsert
from shared.rows import columns_of, many, matching, one, table_of, to_row, to_rows
from shared.vocabulary import WasteStream

MOVEMENT, ENTRY, STOCK, DAY, HAUL, SEAL = (
    table_of(table) for table in (MovementRow, StockEntryRow, StockRow, StockDayRow, HaulRow, SealRow)
)
COUNTED = EntryKind.STOCK_TAKING.value


async def movement(session: AsyncSession, movement_id: str) -> Movement | None:
    return await one(session, Movement, select(*MOVEMENT.c).where(MOVEMENT.c.movement_id == movement_id))


async def save_movement(session: AsyncSession, movement: Movement) -> None:
    await upsert(session, MovementRow, [to_row(movement)])


async def moves(session: AsyncSession, station_id: str, stream: WasteStream, start: datetime, end: datetime) -> list[Move]:
    """From `start` on, before `end`; void ones left out."""
    c = MOVEMENT.c
    query = select(*columns_of(Move, MOVEMENT)).where(
        c.station_id == station_id, c.stream == stream, c.at >= start, c.at < end, c.kg != 0
    )
    return await many(session, Move, query.order_by(c.at))


async def moves_at(session: AsyncSession, station_id: str, stream: WasteStream, at: datetime) -> list[Move]:
    return await moves(session, station_id, stream, at, at + timedelta(microseconds=1))


async def last_count(session: AsyncSession, station_id: str, stream: WasteStream, before: datetime) -> Counted | None:
    """The newest stock-taking before this moment."""
    c = ENTRY.c
    counted = (c.station_id == station_id, c.stream == stream, c.kind == COUNTED, c.at < before)
    query = select(*columns_of(Counted, ENTRY)).where(*counted)
    return await one(session, Counted, query.order_by(c.at.desc(), c.entry_id.desc()).limit(1))


async def counts(session: AsyncSession, station_id: str, stream: WasteStream, start: datetime, end: datetime) -> list[Counted]:
    c = ENTRY.c
    counted = (c.station_id == station_id, c.stream == stream, c.kind == COUNTED, c.at >= start, c.at < end)
    return await many(session, Counted, select(*columns_of(Counted, ENTRY)).where(*counted))


async def moved_kg(session: AsyncSession, station_id: str, stream: WasteStream, after: datetime | None, before: datetime) -> int:
    """In less out, after one moment (not at it) and before the other."""
    c = MOVEMENT.c
    query = select(func.sum(c.kg)).where(c.station_id == station_id, c.stream == stream, c.at < before)
    query = query if after is None else query.where(c.at > after)
    return int((await session.execute(query)).scalar() or 0)


async def add_entry(session: AsyncSession, entry: StockEntry) -> None:
    await insert_new(session, StockEntryRow, [to_row(entry)])


async def entry(session: AsyncSession, entry_id: str) -> StockEntry | None:
    return await one(session, StockEntry, select(*ENTRY.c).where(ENTRY.c.entry_id == entry_id))


async def page_of_entries(
    session: AsyncSession, station_id: str, stream: WasteStream | None, after: Key, limit: int
) -> list[StockEntry]:
    query = select(*ENTRY.c).where(ENTRY.c.station_id == station_id)
    query = query if stream is None else query.where(ENTRY.c.stream == stream)
    return await newest_first(session, StockEntry, query, ENTRY.c.at, ENTRY.c.entry_id, after, limit)


async def stocks(session: AsyncSession, station_id: str) -> dict[WasteStream, Stock]:
    """What was last told, by stream."""
    all_stocks = await many(session, Stock, select(*STOCK.c).where(STOCK.c.station_id == station_id))
    return {stock.stream: stock for stock in all_stocks}


async def save_stocks(session: AsyncSession, stocks: Sequence[Stock]) -> None:
    await upsert(session, StockRow, to_rows(stocks))


async def kinds_of_entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    query = select(ENTRY.c.entry_id, ENTRY.c.kind).where(ENTRY.c.entry_id.in_(list(ids)))
    return dict([tuple(row) for row in await session.execute(query)])


async def days_from(session: AsyncSession, station_id: str, stream: WasteStream, first: date) -> dict[date, StockDay]:
    """As they were last told, from this day on, by day."""
    query = select(*DAY.c).where(DAY.c.station_id == station_id, DAY.c.stream == stream, DAY.c.day >= first)
    return {day.day: day for day in await many(session, StockDay, query.order_by(DAY.c.day))}


async def save_days(session: AsyncSession, days: Sequence[StockDay]) -> None:
    await upsert(session, StockDayRow, to_rows(days))


async def stations_to_tell(session: AsyncSession) -> list[str]:
    query = select(STOCK.c.station_id).where(STOCK.c.dirty).distinct().order_by(STOCK.c.station_id)
    return list((await session.execute(query)).scalars())


# --- hauls ------------------------------------------------------------------------------------------------------


async def seal(session: AsyncSession, station_id: str, container_id: str, seal_number: str) -> Seal | None:
    c = SEAL.c
    same = (c.station_id == station_id, c.container_id == container_id, c.seal_number == seal_number)
    return await one(session, Seal, select(*c).where(*same))


async def add_seal(session: AsyncSession, seal: Seal) -> None:
    await insert_new(session, SealRow, [to_row(seal)])


async def haul(session: AsyncSession, haul_id: str) -> Haul | None:
    return await one(session, Haul, select(*HAUL.c).where(HAUL.c.haul_id == haul_id))


async def save_hauls(session: AsyncSession, hauls: Sequence[Haul]) -> None:
    await upsert(session, HaulRow, to_rows(hauls))


async def hauls_since(session: AsyncSession, station_id: str, stream: WasteStream, start: datetime) -> list[Haul]:
    """Oldest first, cancelled ones left out."""
    c = HAUL.c
    query = select(*c).where(c.station_id == station_id, c.stream == stream, c.left_at >= start, c.status != "cancelled")
    return await many(session, Haul, query.order_by(c.left_at, c.haul_id))


async def page_of_hauls(session: AsyncSession, principal: Principal, filters: HaulFilters, after: Key, limit: int) -> list[Haul]:
    query = select(*HAUL.c).where(*principal.scope.rows(HAUL), *matching(filters, HAUL))
    return await newest_first(session, Haul, query, HAUL.c.left_at, HAUL.c.haul_id, after, limit)
