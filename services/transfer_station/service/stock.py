"""A station's stock by stream: booked with every ticket, haul and correction, told at most once every few seconds."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain import stock as rules
from services.transfer_station.schemas.stock import StockAnswer, StockBody
from services.transfer_station.service import alarms
from services.transfer_station.service.scope import known_station, locked_station
from services.transfer_station.store import stations
from services.transfer_station.store import stock as store
from shared.auth import Principal
from shared.bodies import LATEST, Page, decode_cursor, encode_cursor
from shared.clock import day_bounds, now, service_day
from shared.errors import Conflict
from shared.events.transfer_station import HaulChanged, StationDayChanged, StorageChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.vocabulary import StationAlarmKind

MONTHS_OF_ORIGINS = 2
"""Waste is followed back to the first of the month so many months before its haul; what is older is of unknown origin."""


async def level_kg(session: AsyncSession, station_id: str, stream: str, before: datetime = LATEST) -> int:
    """What was there just before a moment: the last stock-taking and all that moved since."""
    count = await store.last_count(session, station_id, stream, before)
    moved = await store.moved_kg(session, station_id, stream, count.at if count else None, before)
    return (count.kg if count else 0) + moved


async def book(
    session: AsyncSession,
    movement_id: str,
    kind: rules.Kind,
    station_id: str,
    stream: str,
    at: datetime,
    kg: int,
    district_id: str | None = None,
) -> None:
    """Book a movement, or change one that was booked; 0 kg: it never was. The caller holds the station's lock."""
    row = {
        "movement_id": movement_id,
        "kind": kind,
        "station_id": station_id,
        "stream": stream,
        "at": at,
        "kg": kg,
        "district_id": district_id,
    }
    old = await store.movement(session, movement_id)
    if (old is not None and old.model_dump() == row) or (old is None and kg == 0):
        return
    await store.put_movement(session, row)
    session.expunge(old) if old is not None else None  # its next reader reads it anew
    changed = {stream: at}
    if old is not None:
        changed[old.stream] = min(old.at, changed.get(old.stream, old.at))
    for each, since in sorted(changed.items()):
        await disturbed(session, station_id, each, since)


async def disturbed(session: AsyncSession, station_id: str, stream: str, since: datetime) -> None:
    """Something about this stock changed at `since`: tell its level soon, look again at where later hauls come from."""
    await mark(session, station_id, [stream], since)
    hauls = await store.hauls_since(session, station_id, stream, since)
    starts = sorted({_window_start(haul["left_at"]) for haul in hauls})
    for start in starts:
        of_window = [haul for haul in hauls if _window_start(haul["left_at"]) == start]
        found = await _origins(session, station_id, stream, start)
        at = now()
        rows = [
            haul | {"origins": found.get(haul["haul_id"], {}), "revision": haul["revision"] + 1, "changed_at": at}
            for haul in of_window
            if haul["origins"] != found.get(haul["haul_id"], {})
        ]
        await store.put_hauls(session, rows)
        await publish(session, *(HaulChanged.model_validate(row) for row in rows))


async def _origins(session: AsyncSession, station_id: str, stream: str, start: datetime) -> dict[str, dict[str, int]]:
    opening = await level_kg(session, station_id, stream, start)
    moves = await store.moves(session, station_id, stream, start, LATEST)
    counts = await store.counts(session, station_id, stream, start, LATEST)
    return rules.origins(rules.with_counts(moves, counts, opening), opening)


def _window_start(left_at: datetime) -> datetime:
    months = left_at.year * 12 + left_at.month - 1 - MONTHS_OF_ORIGINS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def mark(session: AsyncSession, station_id: str, streams: Iterable[str], since: datetime | None = None) -> None:
    """These stocks are told again soon, and their days from the day of `since` on."""
    held = await store.stocks(session, station_id)
    fresh = {"station_id": station_id, "revision": 0, "stored_kg": 0, "capacity_kg": 0, "at": now(), "moved_from": None}
    rows = [{**fresh, **held.get(stream, {}), "stream": stream, "dirty": True} for stream in streams]
    for row in rows:
        row["moved_from"] = min((at for at in (row["moved_from"], since) if at is not None), default=None)
    await store.put_stocks(session, rows)


# --- what is told ----------------------------------------------------------------------------------------------------


async def tell(session: AsyncSession, station_id: str, zone: ZoneInfo) -> None:
    """Say the levels and days that changed since they were last told, and whether the store is nearly full."""
    station = (await stations.locked(session, [station_id]))[station_id]
    at = now()
    rows = []
    for stream, held in sorted((await store.stocks(session, station_id)).items()):
        if held["dirty"]:
            stored, capacity = await level_kg(session, station_id, stream), station["capacity_kg"].get(stream, 0)
            if held["moved_from"] is not None:
                await tell_days(session, station_id, stream, held["moved_from"], zone)
            told = {"stored_kg": stored, "capacity_kg": capacity, "revision": held["revision"] + 1, "at": at}
            rows.append(held | told | {"dirty": False, "moved_from": None})
    await store.put_stocks(session, rows)
    await publish(session, *(StorageChanged.model_validate(row) for row in rows))
    for row in rows:
        await _watch_level(session, row, at)


async def _watch_level(session: AsyncSession, row: dict[str, Any], at: datetime) -> None:
    limits = reference.station_rules(at)
    high, clear = limits.storage_high_ratio * row["capacity_kg"], limits.storage_clear_ratio * row["capacity_kg"]
    is_high = row["capacity_kg"] > 0 and row["stored_kg"] >= high
    if is_high or row["stored_kg"] < clear or row["capacity_kg"] == 0:
        subject = f"{row['station_id']}:{row['stream']}"
        await alarms.settle(
            session,
            StationAlarmKind.STORAGE_HIGH,
            row["station_id"],
            subject,
            at,
            wanted=is_high,
            stream=row["stream"],
            value=row["stored_kg"],
            limit=high,
        )


async def tell_days(session: AsyncSession, station_id: str, stream: str, since: datetime, zone: ZoneInfo) -> None:
    """Close the books again of the days from that of `since` on; only those that changed are told."""
    first = service_day(since, zone)
    start, _ = day_bounds(first, zone)
    opening = await level_kg(session, station_id, stream, start)
    counts = await store.counts(session, station_id, stream, start, LATEST)
    moves = rules.with_counts(await store.moves(session, station_id, stream, start, LATEST), counts, opening)
    corrections = [move.movement_id for move in moves if move.kind == "correction"]
    named = await store.kinds_of_entries(session, corrections)
    books = {book.day: asdict(book) for book in rules.by_day(moves, opening, lambda at: service_day(at, zone), named)}
    told = await store.days_from(session, station_id, stream, first)
    rows, closing = [], opening
    for day in sorted(books.keys() | told.keys()):
        empty = {"day": day, "opening_kg": closing, "in_kg": 0, "out_kg": 0, "lost_kg": {}, "closing_kg": closing}
        book, old = books.get(day, empty), told.get(day)
        closing = book["closing_kg"]
        if old is None or any(old[name] != value for name, value in book.items()):
            revision = old["revision"] + 1 if old else 1
            rows.append(book | {"station_id": station_id, "stream": stream, "revision": revision, "changed_at": now()})
    await store.put_days(session, rows)
    await publish(session, *(StationDayChanged.model_validate(row) for row in rows))


# --- what people say of it --------------------------------------------------------------------------------------


async def record(session: AsyncSession, principal: Principal, station_id: str, body: StockBody) -> StockAnswer:
    """A stock-taking or a named loss; kept for good. The same `client_id` again is the same entry."""
    await locked_station(session, principal, station_id)
    said = body.model_dump(mode="python", exclude={"client_id"}) | {"stream": body.stream.value}
    entry_id = derived_id("stock", station_id, body.client_id)
    old = await store.entry(session, entry_id)
    if old is not None:
        if any(getattr(old, name) != value for name, value in said.items()):
            raise Conflict("another entry has this client_id; give this one its own", code="entry_exists")
        return await _answer(session, old.model_dump())
    row = said | {"entry_id": entry_id, "station_id": station_id, "recorded_at": now()}
    await store.add_entry(session, row)
    if body.kind == store.COUNTED:
        await disturbed(session, station_id, body.stream.value, body.at)
    else:
        await book(session, entry_id, "correction", station_id, body.stream.value, body.at, -body.kg)
    return await _answer(session, row)


async def _answer(session: AsyncSession, row: dict[str, Any]) -> StockAnswer:
    found = -row["kg"]
    if row["kind"] == store.COUNTED:
        station_id, stream, at = row["station_id"], row["stream"], row["at"]
        before = await store.last_count(session, station_id, stream, at)
        moved = await store.moved_kg(session, station_id, stream, before.at if before else None, at)
        moved += sum(move.kg for move in await store.moves_at(session, station_id, stream, at))
        found = rules.correction_kg(row["kg"], before.kg if before else 0, moved)
    return StockAnswer.model_validate(row | {"correction_kg": found})


async def list_entries(
    session: AsyncSession, principal: Principal, station_id: str, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[StockAnswer]:
    await known_station(session, principal, station_id)
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_entries(session, station_id, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [await _answer(session, row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.entry_id))
