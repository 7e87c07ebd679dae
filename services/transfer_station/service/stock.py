"""A station's stock by stream: booked with every ticket, haul and correction, told at most once every few seconds."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain import stock as rules
from services.transfer_station.domain.alarms import About
from services.transfer_station.domain.hauls import Haul
from services.transfer_station.domain.stock import EntryKind, Movement, StationDay, Stock, StockDay, StockEntry
from services.transfer_station.schemas.stock import StockAnswer, StockBody
from services.transfer_station.service import alarms
from services.transfer_station.service.scope import known_station, locked_station
from services.transfer_station.store import stations
from services.transfer_station.store import stock as store
from shared.auth import Principal
from shared.bodies import LATEST, Page, decode_cursor, encode_cursor
from shared.clock import day_bounds, now, service_day
from shared.events.transfer_station import HaulChanged, StationDayChanged, StorageChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.vocabulary import StationAlarmKind, WasteStream

MONTHS_OF_ORIGINS = 2
"""Waste is followed back to the first of the month so many months before its haul; what is older is of unknown origin."""


async def level_kg(session: AsyncSession, station_id: str, stream: WasteStream, before: datetime = LATEST) -> int:
    """What was there just before a moment: the last stock-taking and all that moved since."""
    count = await store.last_count(session, station_id, stream, before)
    moved = await store.moved_kg(session, station_id, stream, count.at if count else None, before)
    return (count.kg if count else 0) + moved


async def book(session: AsyncSession, movement: Movement) -> None:
    """Book a movement, or change one that was booked; 0 kg: it never was. The caller holds the station's lock."""
    old = await store.movement(session, movement.movement_id)
    if old == movement or (old is None and movement.kg == 0):
        return
    await store.save_movement(session, movement)
    changed = {movement.stream: movement.at}
    if old is not None:
        changed[old.stream] = min(old.at, changed.get(old.stream, old.at))
    for stream, since in sorted(changed.items()):
        await tell_soon(session, movement.station_id, stream, since)


async def tell_soon(session: AsyncSession, station_id: str, stream: WasteStream, since: datetime) -> None:
    """Something about this stock changed at `since`: tell its level soon, look again at where later hauls come from."""
    await mark(session, station_id, [stream], since)
    hauls = await store.hauls_since(session, station_id, stream, since)
    for start in sorted({_window_start(haul.left_at) for haul in hauls}):
        origins = await _origins(session, station_id, stream, start)
        at = now()
        of_window = [haul for haul in hauls if _window_start(haul.left_at) == start]
        changed = [renewed.change(at) for haul in of_window if (renewed := _renewed(haul, origins)) is not haul]
        await store.save_hauls(session, changed)
        await publish(session, *(HaulChanged.model_validate(haul) for haul in changed))


def _renewed(haul: Haul, origins: Mapping[str, Mapping[str, int]]) -> Haul:
    return haul.come_from(origins.get(haul.haul_id, {}))


async def _origins(session: AsyncSession, station_id: str, stream: WasteStream, start: datetime) -> dict[str, dict[str, int]]:
    opening = await level_kg(session, station_id, stream, start)
    moves = await store.moves(session, station_id, stream, start, LATEST)
    counts = await store.counts(session, station_id, stream, start, LATEST)
    return rules.origins(rules.with_counts(moves, counts, opening), opening)


def _window_start(left_at: datetime) -> datetime:
    months = left_at.year * 12 + left_at.month - 1 - MONTHS_OF_ORIGINS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def mark(session: AsyncSession, station_id: str, streams: Iterable[WasteStream], since: datetime | None = None) -> None:
    """These stocks are told again soon, and their days from the day of `since` on."""
    known = await store.stocks(session, station_id)
    stocks = [known.get(stream) or Stock(station_id=station_id, stream=stream, at=now()) for stream in streams]
    await store.save_stocks(session, [stock.mark(since) for stock in stocks])


# --- what is told ----------------------------------------------------------------------------------------------------


async def tell(session: AsyncSession, station_id: str, zone: ZoneInfo) -> None:
    """Say the levels and days that changed since they were last told, and whether the store is nearly full."""
    station = (await stations.locked(session, [station_id]))[station_id]
    at = now()
    renewed = []
    for stream, stock in sorted((await store.stocks(session, station_id)).items()):
        if stock.dirty:
            stored_kg = await level_kg(session, station_id, stream)
            if stock.moved_from is not None:
                await tell_days(session, station_id, stream, stock.moved_from, zone)
            renewed.append(stock.tell(stored_kg, station.capacity_kg.get(stream, 0), at))
    await store.save_stocks(session, renewed)
    await publish(session, *(StorageChanged.model_validate(stock) for stock in renewed))
    for stock in renewed:
        await _watch_level(session, stock, at)


async def _watch_level(session: AsyncSession, stock: Stock, at: datetime) -> None:
    limits = rulebooks.STATION_RULES.at(at)
    is_high = stock.is_high(limits.storage_high_ratio, limits.storage_clear_ratio)
    if is_high is None:
        return
    high_kg = limits.storage_high_ratio * stock.capacity_kg
    await alarms.open_or_close(
        session,
        StationAlarmKind.STORAGE_HIGH,
        stock.station_id,
        f"{stock.station_id}:{stock.stream}",
        at,
        wanted=is_high,
        about=About(stream=stock.stream, value=stock.stored_kg, limit=high_kg),
    )


async def tell_days(session: AsyncSession, station_id: str, stream: WasteStream, since: datetime, zone: ZoneInfo) -> None:
    """Close the books again of the days from that of `since` on; only those that changed are told."""
    first = service_day(since, zone)
    start, _ = day_bounds(first, zone)
    opening = await level_kg(session, station_id, stream, start)
    counts = await store.counts(session, station_id, stream, start, LATEST)
    moves = rules.with_counts(await store.moves(session, station_id, stream, start, LATEST), counts, opening)
    corrections = [move.movement_id for move in moves if move.kind == "correction"]
    named = await store.kinds_of_entries(session, corrections)
    books = {book.day: book for book in rules.by_day(moves, opening, lambda at: service_day(at, zone), named)}
    days_told = await store.days_from(session, station_id, stream, first)
    changed, closing, at = [], opening, now()
    for day in sorted(books.keys() | days_told.keys()):
        book = books.get(day) or StationDay.without_moves(day, closing)
        closing = book.closing_kg
        old = days_told.get(day)
        new = old.change_to(book, at) if old else StockDay.first(station_id, stream, book, at)
        if new is not old:
            changed.append(new)
    await store.save_days(session, changed)
    await publish(session, *(StationDayChanged.model_validate(day) for day in changed))


# --- what people say of it --------------------------------------------------------------------------------------


async def record(session: AsyncSession, principal: Principal, station_id: str, body: StockBody) -> StockAnswer:
    """A stock-taking or a named loss; kept for good. The same `client_id` again is the same entry."""
    await locked_station(session, principal, station_id)
    entry = StockEntry(
        entry_id=derived_id("stock", station_id, body.client_id),
        station_id=station_id,
        stream=body.stream,
        kind=EntryKind(body.kind),
        kg=body.kg,
        at=body.at,
        person=body.person,
        reason=body.reason,
        recorded_at=now(),
    )
    old = await store.entry(session, entry.entry_id)
    if old is not None:
        old.require_same(entry)
        return await _answer(session, old)
    await store.add_entry(session, entry)
    if entry.is_count:
        await tell_soon(session, station_id, entry.stream, entry.at)
    else:
        await book(session, entry.as_loss())
    return await _answer(session, entry)


async def _answer(session: AsyncSession, entry: StockEntry) -> StockAnswer:
    correction_kg = -entry.kg
    if entry.is_count:
        before = await store.last_count(session, entry.station_id, entry.stream, entry.at)
        moved = await store.moved_kg(session, entry.station_id, entry.stream, before.at if before else None, entry.at)
        moved += sum(move.kg for move in await store.moves_at(session, entry.station_id, entry.stream, entry.at))
        correction_kg = rules.correction_kg(entry.kg, before.kg if before else 0, moved)
    return StockAnswer.of(entry, correction_kg)


async def list_entries(
    session: AsyncSession,
    principal: Principal,
    station_id: str,
    stream: WasteStream | None,
    cursor: str | None,
    limit: int,
) -> Page[StockAnswer]:
    await known_station(session, principal, station_id)
    key = decode_cursor(cursor, datetime, str)
    entries = await store.page_of_entries(session, station_id, stream, (key[0], key[1]) if key else None, limit + 1)
    items = [await _answer(session, entry) for entry in entries[:limit]]
    last = items[-1] if len(entries) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.entry_id))
