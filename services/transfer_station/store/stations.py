"""Stations, their trucks' registry entries, alarms and log."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.alarms import Alarm, AlarmFilters
from services.transfer_station.domain.logs import LogEntry
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.trucks import TruckEntry
from services.transfer_station.domain.weights import RegisteredTare
from services.transfer_station.tables.alarms import StationAlarmRow
from services.transfer_station.tables.logs import LogEntryRow
from services.transfer_station.tables.stations import StationRow
from services.transfer_station.tables.trucks import TareRow, TruckRow
from shared.auth import Principal
from shared.db import insert_new, upsert
from shared.rows import many, matching, one, table_of, to_row, to_rows

STATION, TRUCK, TARE, ALARM, LOG = (table_of(table) for table in (StationRow, TruckRow, TareRow, StationAlarmRow, LogEntryRow))
Key = tuple[datetime, str] | None
T = TypeVar("T")


async def newest_first(
    session: AsyncSession, kind: type[T], query: Select[Any], at: Any, key: Any, after: Key, limit: int
) -> list[T]:
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], key < after[1])))
    return await many(session, kind, query.order_by(at.desc(), key.desc()).limit(limit))


async def stations(session: AsyncSession, principal: Principal, after: str | None = None, limit: int = 1001) -> list[Station]:
    query = select(*STATION.c).where(*principal.scope.rows(STATION)).order_by(STATION.c.station_id).limit(limit)
    return await many(session, Station, query if after is None else query.where(STATION.c.station_id > after))


async def all_stations(session: AsyncSession) -> dict[str, Station]:
    query = select(*STATION.c).order_by(STATION.c.station_id)
    return {station.station_id: station for station in await many(session, Station, query)}


async def version(session: AsyncSession) -> tuple[int, int]:
    """Changes whenever a station does."""
    count, revisions = (await session.execute(select(func.count(), func.sum(STATION.c.revision)))).one()
    return int(count), int(revisions or 0)


async def locked(session: AsyncSession, ids: Collection[str]) -> dict[str, Station]:
    """Nobody else changes tickets, hauls or stock of these stations until we commit. Locked in the order of ids."""
    query = select(*STATION.c).where(STATION.c.station_id.in_(sorted(ids))).order_by(STATION.c.station_id).with_for_update()
    return {station.station_id: station for station in await many(session, Station, query)}


async def save_station(session: AsyncSession, station: Station) -> None:
    await upsert(session, StationRow, [to_row(station)])


# --- trucks -----------------------------------------------------------------------------------------------------


async def add_entries(session: AsyncSession, entries: Sequence[TruckEntry]) -> None:
    await insert_new(session, TruckRow, to_rows(entries))


async def entries(
    session: AsyncSession, vehicle_ids: Iterable[str] = (), plate_keys: Iterable[str] = ()
) -> dict[str, list[TruckEntry]]:
    """All that was registered of these trucks, and of those that ever had these plates, by vehicle."""
    ever = select(TRUCK.c.vehicle_id).where(TRUCK.c.plate_key.in_(sorted(set(plate_keys))))
    wanted = or_(TRUCK.c.vehicle_id.in_(sorted(set(vehicle_ids))), TRUCK.c.vehicle_id.in_(ever))
    query = select(*TRUCK.c).where(wanted).order_by(TRUCK.c.registered_at, TRUCK.c.revision)
    by_vehicle: dict[str, list[TruckEntry]] = {}
    for entry in await many(session, TruckEntry, query):
        by_vehicle.setdefault(entry.vehicle_id, []).append(entry)
    return by_vehicle


async def tares(session: AsyncSession, vehicle_id: str) -> list[RegisteredTare]:
    query = select(*TARE.c).where(TARE.c.vehicle_id == vehicle_id).order_by(TARE.c.weighed_at)
    return await many(session, RegisteredTare, query)


async def save_tare(session: AsyncSession, tare: RegisteredTare) -> None:
    await upsert(session, TareRow, [to_row(tare)])


# --- alarms -----------------------------------------------------------------------------------------------------


async def open_alarm(session: AsyncSession, subject: str) -> Alarm | None:
    query = select(*ALARM.c).where(ALARM.c.subject == subject, ALARM.c.status == "open").with_for_update()
    return await one(session, Alarm, query)


async def save_alarm(session: AsyncSession, alarm: Alarm) -> None:
    await upsert(session, StationAlarmRow, [to_row(alarm)])


async def page_of_alarms(
    session: AsyncSession, principal: Principal, filters: AlarmFilters, after: Key, limit: int
) -> list[Alarm]:
    query = select(*ALARM.c).where(*principal.scope.rows(ALARM), *matching(filters, ALARM))
    return await newest_first(session, Alarm, query, ALARM.c.opened_at, ALARM.c.alarm_id, after, limit)


async def open_by_kind(session: AsyncSession) -> dict[str, int]:
    query = select(ALARM.c.kind, func.count()).where(ALARM.c.status == "open").group_by(ALARM.c.kind)
    return {row[0]: row[1] for row in await session.execute(query)}


# --- log --------------------------------------------------------------------------------------------------------


async def add_log(session: AsyncSession, entry: LogEntry) -> None:
    await insert_new(session, LogEntryRow, [to_row(entry)])


async def log_entry(session: AsyncSession, entry_id: str) -> LogEntry | None:
    return await one(session, LogEntry, select(*LOG.c).where(LOG.c.entry_id == entry_id))


async def newest_of_device(session: AsyncSession, station_id: str, kind: str, device_id: str | None) -> LogEntry | None:
    device = LOG.c.device_id.is_(None) if device_id is None else LOG.c.device_id == device_id
    query = select(*LOG.c).where(LOG.c.station_id == station_id, LOG.c.kind == kind, device)
    return await one(session, LogEntry, query.order_by(LOG.c.at.desc(), LOG.c.entry_id.desc()).limit(1))


async def page_of_log(session: AsyncSession, station_id: str, kind: str | None, after: Key, limit: int) -> list[LogEntry]:
    query = select(*LOG.c).where(LOG.c.station_id == station_id)
    query = query if kind is None else query.where(LOG.c.kind == kind)
    return await newest_first(session, LogEntry, query, LOG.c.at, LOG.c.entry_id, after, limit)
