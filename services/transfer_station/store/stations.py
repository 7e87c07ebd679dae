"""Stations, their trucks' registry entries, alarms and log."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.tables.alarms import StationAlarm
from services.transfer_station.tables.logs import LogEntry
from services.transfer_station.tables.stations import Station
from services.transfer_station.tables.trucks import Tare, Truck
from shared.auth import Principal
from shared.db import dicts_by_key, insert_new, upsert
from shared.rows import table_of

STATION, TRUCK, TARE, ALARM, LOG = (table_of(table) for table in (Station, Truck, Tare, StationAlarm, LogEntry))
Key = tuple[datetime, str] | None


async def newest_first(
    session: AsyncSession, query: Select[Any], at: Any, key: Any, after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], key < after[1])))
    rows = await session.execute(query.order_by(at.desc(), key.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]


async def stations(
    session: AsyncSession, principal: Principal, after: str | None = None, limit: int = 1001
) -> list[dict[str, Any]]:
    query = select(*STATION.c).where(*principal.scope.rows(STATION)).order_by(STATION.c.station_id).limit(limit)
    query = query if after is None else query.where(STATION.c.station_id > after)
    return list(dicts_by_key(await session.execute(query)).values())


async def all_stations(session: AsyncSession) -> dict[str, dict[str, Any]]:
    return dicts_by_key(await session.execute(select(*STATION.c).order_by(STATION.c.station_id)))


async def version(session: AsyncSession) -> tuple[int, int]:
    """Changes whenever a station does."""
    count, revisions = (await session.execute(select(func.count(), func.sum(STATION.c.revision)))).one()
    return int(count), int(revisions or 0)


async def locked(session: AsyncSession, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Nobody else changes tickets, hauls or stock of these stations until we commit. Locked in the order of ids."""
    query = select(*STATION.c).where(STATION.c.station_id.in_(sorted(ids))).order_by(STATION.c.station_id).with_for_update()
    return dicts_by_key(await session.execute(query))


async def put_station(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Station, [row])


# --- trucks -----------------------------------------------------------------------------------------------------


async def add_entries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await insert_new(session, Truck, rows)


async def entries(
    session: AsyncSession, vehicle_ids: Iterable[str] = (), plate_keys: Iterable[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """All that was registered of these trucks, and of those that ever had these plates, by vehicle."""
    ever = select(TRUCK.c.vehicle_id).where(TRUCK.c.plate_key.in_(sorted(set(plate_keys))))
    wanted = or_(TRUCK.c.vehicle_id.in_(sorted(set(vehicle_ids))), TRUCK.c.vehicle_id.in_(ever))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await session.execute(select(*TRUCK.c).where(wanted).order_by(TRUCK.c.registered_at, TRUCK.c.revision)):
        found.setdefault(row.vehicle_id, []).append(dict(row._mapping))
    return found


async def tares(session: AsyncSession, vehicle_id: str) -> list[Tare]:
    rows = await session.execute(select(Tare).where(TARE.c.vehicle_id == vehicle_id).order_by(TARE.c.weighed_at))
    return list(rows.scalars())


async def put_tare(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Tare, [row])


# --- alarms -----------------------------------------------------------------------------------------------------


async def open_alarms(session: AsyncSession, subjects: Collection[str]) -> dict[str, dict[str, Any]]:
    query = select(*ALARM.c).where(ALARM.c.subject.in_(sorted(subjects)), ALARM.c.status == "open").with_for_update()
    return {row["subject"]: dict(row) for row in (await session.execute(query)).mappings()}


async def put_alarms(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, StationAlarm, rows)


async def page_of_alarms(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    query = select(*ALARM.c).where(*principal.scope.rows(ALARM), *(ALARM.c[name] == value for name, value in filters.items()))
    return await newest_first(session, query, ALARM.c.opened_at, ALARM.c.alarm_id, after, limit)


async def open_by_kind(session: AsyncSession) -> dict[str, int]:
    query = select(ALARM.c.kind, func.count()).where(ALARM.c.status == "open").group_by(ALARM.c.kind)
    return dict((await session.execute(query)).tuples().all())


# --- log --------------------------------------------------------------------------------------------------------


async def add_log(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, LogEntry, [row])


async def log_entry(session: AsyncSession, entry_id: str) -> LogEntry | None:
    return await session.get(LogEntry, entry_id)


async def newest_of_device(session: AsyncSession, station_id: str, kind: str, device_id: str | None) -> LogEntry | None:
    device = LOG.c.device_id.is_(None) if device_id is None else LOG.c.device_id == device_id
    query = select(LogEntry).where(LOG.c.station_id == station_id, LOG.c.kind == kind, device)
    return (await session.execute(query.order_by(LOG.c.at.desc(), LOG.c.entry_id.desc()).limit(1))).scalar()


async def page_of_log(
    session: AsyncSession, station_id: str, filters: dict[str, str], after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    query = select(*LOG.c).where(LOG.c.station_id == station_id, *(LOG.c[name] == value for name, value in filters.items()))
    return await newest_first(session, query, LOG.c.at, LOG.c.entry_id, after, limit)
