"""The fleet in the read model, and which rows a bearer sees."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import CityRules
from services.gateway.domain.vehicles import FleetCount, Move, Vehicle, VehicleNow
from services.gateway.tables.city import CityVehicle
from shared.db import among, merge_rows, upsert
from shared.rows import many, table_of, to_rows
from shared.scope import Scope

VEHICLE = table_of(CityVehicle)
Merged = dict[str, ColumnElement[Any]]


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, Vehicle]:
    """These vehicles; with defaults one that nobody has told of."""
    wanted = list(ids)
    known = await many(session, Vehicle, select(*VEHICLE.c).where(among(session, VEHICLE.c.vehicle_id, wanted)))
    by_id = {vehicle.vehicle_id: vehicle for vehicle in known}
    return {i: by_id.get(i) or Vehicle(vehicle_id=i) for i in wanted}


async def save_vehicles(session: AsyncSession, vehicles: Iterable[Vehicle]) -> None:
    await upsert(session, CityVehicle, to_rows(vehicles))


FIX = ("last_at", "lon", "lat", "speed_kmh", "heading_deg", "ignition")
LOAD = ("load_at", "load_kg")
UNREGISTERED = {"revision": 0, "plate": "", "kind": "other", "waste_streams": []}


async def move_vehicles(session: AsyncSession, moves: Iterable[Move], *, totals: bool) -> None:
    """One of each vehicle: a newer fix or load replaces the one there.

    Records and lifts are totals, of which the largest holds, or else are added.
    """
    merge = _with_totals if totals else _with_more
    rows: list[tuple[Any, ...]] = [(*move, *UNREGISTERED.values()) for move in moves]
    await merge_rows(session, CityVehicle, (*Move._fields, *UNREGISTERED), rows, merge)


def _with_totals(stored: Any, new: Any) -> Merged:
    totals = {name: case((new[name] > stored[name], new[name]), else_=stored[name]) for name in ("records", "lifts")}
    return _moved(stored, new) | totals


def _with_more(stored: Any, new: Any) -> Merged:
    return _moved(stored, new) | {name: stored[name] + new[name] for name in ("records", "lifts")}


def _moved(stored: Any, new: Any) -> Merged:
    merged: Merged = {}
    for at, *names in (FIX, LOAD):
        newer = or_(stored[at].is_(None), new[at] > stored[at], _same_moment(stored, new, at, names))
        merged |= {name: case((newer, new[name]), else_=stored[name]) for name in (at, *names)}
    return merged | {"changed_seq": new.changed_seq}


def _same_moment(stored: Any, new: Any, at: str, names: Sequence[str]) -> ColumnElement[bool]:
    """Of two of one moment the same one is shown, whichever came first: by longitude and latitude, or by weight."""
    first, second = names[0], names[:2][-1]
    larger = or_(new[first] > stored[first], and_(new[first] == stored[first], new[second] > stored[second]))
    return and_(new[at] == stored[at], larger)


# --- read by the view -------------------------------------------------------------------------------------------


def seen(scope: Scope, table: Table) -> Sequence[ColumnElement[bool]]:
    """The rows of a table that lie within the scope; what a table does not say itself, its vehicle says."""
    return scope.rows(table, vehicles=VEHICLE)


def changed(columns: Iterable[Any], table: Table, scope: Scope, since: int) -> Select[Any]:
    """What the scope sees of rows that changed after this number; with 0 all of them."""
    query: Select[Any] = select(*columns).where(*seen(scope, table))
    return query.where(table.c.changed_seq > since) if since else query


def status_at(now: datetime, rules: CityRules) -> ColumnElement[str]:
    """driving, idle, parked (engine off) or offline: the one place that says which."""
    c = VEHICLE.c
    silent = or_(c.last_at.is_(None), c.last_at < now - timedelta(minutes=rules.offline_minutes))
    return case(
        (and_(c.last_at.is_not(None), c.ignition.is_(False)), "parked"),
        (silent, "offline"),
        (func.coalesce(c.speed_kmh, 0) >= rules.driving_kmh, "driving"),
        else_="idle",
    ).label("status")


async def fleet_counts(session: AsyncSession, scope: Scope, now: datetime, rules: CityRules) -> list[FleetCount]:
    c = VEHICLE.c
    sub = select(c.kind, func.coalesce(c.district_id, "").label("district_id"), status_at(now, rules), c.records)
    rows = sub.where(*scope.rows(VEHICLE)).subquery()
    key = (rows.c.kind, rows.c.district_id, rows.c.status)
    counts = await session.execute(select(*key, func.count(), func.sum(rows.c.records)).group_by(*key))
    return [FleetCount(kind, district, status, count, int(records)) for kind, district, status, count, records in counts]


async def vehicles_now(session: AsyncSession, scope: Scope, since: int, now: datetime, rules: CityRules) -> list[VehicleNow]:
    columns = [VEHICLE.c[name] for name in VehicleNow._fields[:-1]]
    query = changed([*columns, status_at(now, rules)], VEHICLE, scope, since)
    return [VehicleNow(*row) for row in await session.execute(query)]


async def changed_vehicles(session: AsyncSession, since: int) -> set[str]:
    """Of the whole city: a vehicle that left a scope is no longer seen in it."""
    return set((await session.execute(select(VEHICLE.c.vehicle_id).where(VEHICLE.c.changed_seq > since))).scalars())
