"""Every query of the vehicle service."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.quality import OUT_OF_REACH
from services.vehicle.tables import (
    Alert,
    AlertRevision,
    BinLift,
    Checkpoint,
    DriverReport,
    Geofence,
    LoadReading,
    PendingOrder,
    Position,
    Vehicle,
    VehicleRevision,
    VehicleState,
)
from shared.auth import Principal
from shared.db import among, copy_rows, dicts_by_key, insert_new, merge_rows, upsert

VEHICLE, STATE, POSITION = Vehicle.__table__, VehicleState.__table__, Position.__table__  # type: ignore[attr-defined]
LIFT, LOAD, REPORT, ALERT = BinLift.__table__, LoadReading.__table__, DriverReport.__table__, Alert.__table__  # type: ignore[attr-defined]
FENCE, ORDER, ENTRY = Geofence.__table__, PendingOrder.__table__, VehicleRevision.__table__  # type: ignore[attr-defined]
ORDER_COLUMNS = tuple(ORDER.columns.keys())
POSITION_COLUMNS = tuple(column.name for column in POSITION.columns if column.name != "ordinal")
"""Of the first fix of a moment, as nearly all are: its ordinal is 0 by default."""
STATE_COLUMNS = tuple(STATE.columns.keys())


# --- registry ---------------------------------------------------------------------------------------------------


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, Vehicle]:
    rows = await session.execute(select(Vehicle).where(VEHICLE.c.vehicle_id.in_(list(ids))))
    return {vehicle.vehicle_id: vehicle for vehicle in rows.scalars()}


async def put_vehicles(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """The rows' entries, which are kept for good, too."""
    await upsert(session, Vehicle, rows)
    await insert_new(session, VehicleRevision, [{column.name: row[column.name] for column in ENTRY.columns} for row in rows])


async def entries(session: AsyncSession, ids: Collection[str]) -> Sequence[VehicleRevision]:
    """Every entry that the registry had of these vehicles, in order."""
    query = select(VehicleRevision).where(among(session, ENTRY.c.vehicle_id, ids))
    return (await session.execute(query.order_by(ENTRY.c.vehicle_id, ENTRY.c.revision))).scalars().all()


async def lift_totals(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many bin lifts of each vehicle are stored."""
    query = select(STATE.c.vehicle_id, STATE.c.lifts).where(among(session, STATE.c.vehicle_id, ids))
    return {row.vehicle_id: row.lifts for row in await session.execute(query)}


async def page_of_vehicles(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: str | None, limit: int
) -> Sequence[tuple[Vehicle, VehicleState | None]]:
    """Vehicles in the order of their ids, within the bearer's scope; filters by column name."""
    query: Select[*tuple[Any, ...]] = select(Vehicle, VehicleState).join(
        VehicleState, VEHICLE.c.vehicle_id == STATE.c.vehicle_id, isouter=True
    )
    query = query.where(*principal.scope.rows(VEHICLE))
    for column, value in filters.items():
        query = query.where(VEHICLE.c[column] == value)
    if after is not None:
        query = query.where(VEHICLE.c.vehicle_id > after)
    rows = await session.execute(query.order_by(VEHICLE.c.vehicle_id).limit(limit))
    return [(vehicle, state) for vehicle, state in rows]


async def state(session: AsyncSession, vehicle_id: str) -> VehicleState | None:
    return await session.get(VehicleState, vehicle_id)


# --- ingest -----------------------------------------------------------------------------------------------------


async def locked_states(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The states of these vehicles, made when missing; nobody else writes for these vehicles until we commit.

    Locked in the order of ids, so that two groups with the same vehicles cannot wait for each other.
    """
    wanted = sorted(ids)
    query = select(*STATE.c).where(among(session, STATE.c.vehicle_id, wanted)).order_by(STATE.c.vehicle_id).with_for_update()
    found = dicts_by_key(await session.execute(query))
    if len(found) < len(wanted):
        await insert_new(session, VehicleState, [{"vehicle_id": vehicle_id} for vehicle_id in wanted if vehicle_id not in found])
        found = dicts_by_key(await session.execute(query))
    return found


async def put_states(session: AsyncSession, states: Sequence[dict[str, Any]]) -> None:
    await upsert(session, VehicleState, states)


async def positions_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    """Rows of these vehicles at these times."""
    return await _at(session, POSITION, moments)


async def loads_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, LOAD, moments)


async def lifts_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, LIFT, moments)


async def reports_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, REPORT, moments)


async def _at(session: AsyncSession, table: Any, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    if not moments:
        return []
    times = [at for _, at in moments]
    # The bounds let PostgreSQL open only the partitions of those days.
    query = select(*table.c).where(
        tuple_(table.c.vehicle_id, table.c.at).in_(list(moments)), table.c.at >= min(times), table.c.at <= max(times)
    )
    return (await session.execute(query)).all()


async def add_positions(
    session: AsyncSession, rows: Sequence[tuple[Any, ...]], others: Sequence[tuple[tuple[Any, ...], int]]
) -> None:
    """Rows in the order of POSITION_COLUMNS; `others`, with their ordinal, are of moments that have a fix already.

    None of them may be there already.
    """
    await copy_rows(session, Position, POSITION_COLUMNS, rows)
    await copy_rows(session, Position, (*POSITION_COLUMNS, "ordinal"), [(*row, ordinal) for row, ordinal in others])


async def add_others(
    session: AsyncSession, lifts: Sequence[dict[str, Any]], loads: Sequence[dict[str, Any]], reports: Sequence[dict[str, Any]]
) -> None:
    for table, rows in ((BinLift, lifts), (LoadReading, loads), (DriverReport, reports)):
        await insert_new(session, table, rows)


# --- dispatch orders --------------------------------------------------------------------------------------------


async def put_orders(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """A revision that is not newer than the one held changes nothing."""
    rows = sorted(rows, key=lambda row: str(row["order_id"]))
    await merge_rows(session, PendingOrder, ORDER_COLUMNS, [tuple(row[name] for name in ORDER_COLUMNS) for row in rows], _newer)


def _newer(held: Any, new: Any) -> dict[str, Any]:
    changing = ("revision", "waiting", "shown")
    return {name: case((new.revision > held.revision, new[name]), else_=held[name]) for name in changing}


async def vehicles_with_orders(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    query = select(ORDER.c.vehicle_id).where(ORDER.c.waiting, among(session, ORDER.c.vehicle_id, list(ids)))
    return set((await session.execute(query.distinct())).scalars())


async def waiting_orders(session: AsyncSession, ids: Iterable[str], most: int) -> Sequence[Any]:
    """Of each vehicle at most so many: those that never went out first, each in the order in which they were given."""
    c = ORDER.c
    turn = func.row_number().over(partition_by=c.vehicle_id, order_by=(c.delivered_at.is_not(None), c.given_at, c.order_id))
    waiting = select(c.order_id, c.vehicle_id, c.shown, c.delivered_at, turn.label("turn"))
    rows = waiting.where(c.waiting, among(session, c.vehicle_id, list(ids))).subquery()
    return (await session.execute(select(rows).where(rows.c.turn <= most).order_by(rows.c.vehicle_id, rows.c.turn))).all()


async def mark_delivered(session: AsyncSession, order_ids: Sequence[str], at: datetime) -> None:
    await session.execute(update(ORDER).where(among(session, ORDER.c.order_id, order_ids)).values(delivered_at=at))


# --- folds ------------------------------------------------------------------------------------------------------


async def checkpoint_before(session: AsyncSession, vehicle_id: str, fold: str, day: date) -> Checkpoint | None:
    """The newest checkpoint of a day up to and including `day`."""
    table = Checkpoint.__table__  # type: ignore[attr-defined]
    query = select(Checkpoint).where(table.c.vehicle_id == vehicle_id, table.c.fold == fold, table.c.day <= day)
    return (await session.execute(query.order_by(table.c.day.desc()).limit(1))).scalar()


async def drop_checkpoints_after(session: AsyncSession, vehicle_id: str, fold: str, day: date) -> None:
    table = Checkpoint.__table__  # type: ignore[attr-defined]
    await session.execute(delete(Checkpoint).where(table.c.vehicle_id == vehicle_id, table.c.fold == fold, table.c.day > day))


async def put_checkpoints(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Checkpoint, rows)


FIX = (POSITION.c.at, POSITION.c.lon, POSITION.c.lat, POSITION.c.speed_kmh, POSITION.c.heading_deg, POSITION.c.ignition)
PLAUSIBLE = POSITION.c.flags.in_((0, OUT_OF_REACH))
"""By itself; what its neighbours say of it may change."""


async def fixes_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[tuple[Any, ...]]:
    """Plausible fixes since `start` in the order of time: FIX, ordinal, flags."""
    c = POSITION.c
    query = select(*FIX, c.ordinal, c.flags).where(c.vehicle_id == vehicle_id, PLAUSIBLE)
    query = query if start is None else query.where(c.at >= start)
    return [tuple(row) for row in await session.execute(query.order_by(c.at))]


async def plausible_before(session: AsyncSession, vehicle_id: str, before: datetime) -> datetime | None:
    """When the last plausible fix before then was."""
    c = POSITION.c
    query = select(c.at).where(c.vehicle_id == vehicle_id, PLAUSIBLE, c.at < before).order_by(c.at.desc()).limit(1)
    return (await session.execute(query)).scalar()


async def flag_positions(session: AsyncSession, vehicle_id: str, keys: Iterable[tuple[datetime, int]], flags: int) -> None:
    """Set the flags of positions by their time and ordinal."""
    c = POSITION.c
    for at, ordinal in sorted(keys):
        await session.execute(
            update(POSITION).where(c.vehicle_id == vehicle_id, c.at == at, c.ordinal == ordinal).values(flags=flags)
        )


async def driven(
    session: AsyncSession, vehicle_id: str, start: datetime, end: datetime
) -> list[tuple[tuple[Any, ...], float | None]]:
    """Fixes that count, from `start` up to, not including, `end`: FIX, and the odometer's kilometres."""
    c = POSITION.c
    query = select(*FIX, c.odometer_km).where(c.vehicle_id == vehicle_id, c.flags == 0, c.at >= start, c.at < end)
    return [(tuple(row)[:-1], row.odometer_km) for row in await session.execute(query.order_by(c.at))]


async def weights_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[tuple[datetime, str, int, int]]:
    """Lifts and loads since `start` in the order of time: at, source, kg, flags."""
    found = []
    for table, source, kg in ((LIFT, "lift", LIFT.c.net_kg), (LOAD, "load", LOAD.c.load_kg)):
        query = select(table.c.at, kg, table.c.flags).where(table.c.vehicle_id == vehicle_id)
        query = query if start is None else query.where(table.c.at >= start)
        found += [(at, source, weight, flags) for at, weight, flags in await session.execute(query)]
    return sorted(found)


_FENCES = select(*FENCE.c).order_by(FENCE.c.fence_id)


async def fences(session: AsyncSession) -> Sequence[Any]:
    """Rows of the table, in the order of their ids."""
    return (await session.execute(_FENCES)).all()


async def put_fence(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Geofence, [row])


# --- alerts -----------------------------------------------------------------------------------------------------


async def alerts_by_id(session: AsyncSession, ids: Sequence[str]) -> dict[str, Alert]:
    rows = await session.execute(select(Alert).where(ALERT.c.alert_id.in_(ids)))
    return {alert.alert_id: alert for alert in rows.scalars()}


async def alerts_since(session: AsyncSession, vehicle_id: str, kinds: Sequence[str], start: datetime | None) -> list[Alert]:
    """Alerts that opened at or after `start` and were not withdrawn."""
    query = select(Alert).where(ALERT.c.vehicle_id == vehicle_id, ALERT.c.kind.in_(kinds), ALERT.c.status != "withdrawn")
    query = query if start is None else query.where(ALERT.c.opened_at >= start)
    return list((await session.execute(query)).scalars())


async def open_alerts_before(session: AsyncSession, before: datetime) -> list[str]:
    """Ids of open alerts that opened before then."""
    query = select(ALERT.c.alert_id).where(ALERT.c.status == "open", ALERT.c.opened_at < before)
    return list((await session.execute(query)).scalars())


async def put_alerts(session: AsyncSession, alerts: Sequence[dict[str, Any]], changed_at: datetime) -> None:
    await upsert(session, Alert, alerts)
    kept = ("alert_id", "revision", "status", "last_at", "closed_at", "value")
    await insert_new(session, AlertRevision, [{name: a[name] for name in kept} | {"changed_at": changed_at} for a in alerts])


async def silent_vehicles(session: AsyncSession, until: datetime, limit: int) -> list[str]:
    """Vehicles last heard of before `until` whose silence nobody has judged yet."""
    unjudged = or_(STATE.c.silence_judged_at.is_(None), STATE.c.silence_judged_at != STATE.c.last_at)
    return list(
        (await session.execute(select(STATE.c.vehicle_id).where(STATE.c.last_at < until, unjudged).limit(limit))).scalars()
    )


async def page_of_alerts(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: tuple[datetime, str] | None, limit: int
) -> list[Alert]:
    """Newest first."""
    query: Select[Any] = select(Alert).where(*principal.scope.rows(ALERT, vehicles=VEHICLE))
    for column, value in filters.items():
        query = query.where(ALERT.c[column] == value)
    if after is not None:
        at, alert_id = after
        query = query.where(or_(ALERT.c.opened_at < at, and_(ALERT.c.opened_at == at, ALERT.c.alert_id < alert_id)))
    return list((await session.execute(query.order_by(ALERT.c.opened_at.desc(), ALERT.c.alert_id.desc()).limit(limit))).scalars())


async def alert(session: AsyncSession, alert_id: str) -> Alert | None:
    return await session.get(Alert, alert_id)


async def alert_history(session: AsyncSession, alert_id: str) -> list[AlertRevision]:
    table = AlertRevision.__table__  # type: ignore[attr-defined]
    return list(
        (await session.execute(select(AlertRevision).where(table.c.alert_id == alert_id).order_by(table.c.revision))).scalars()
    )


# --- tracks -----------------------------------------------------------------------------------------------------


async def track(
    session: AsyncSession,
    vehicle_id: str,
    start: datetime,
    end: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
    *,
    flagged: bool,
) -> list[Position]:
    """By time, those of one moment by ordinal; `after` is the last one that was shown."""
    c = POSITION.c
    query = select(Position).where(c.vehicle_id == vehicle_id, c.at >= start, c.at < end)
    if after is not None:
        query = query.where(c.at >= after[0], or_(c.at > after[0], c.ordinal > after[1]))
    if not flagged:
        query = query.where(c.flags == 0)
    return list((await session.execute(query.order_by(c.at, c.ordinal).limit(limit))).scalars())
