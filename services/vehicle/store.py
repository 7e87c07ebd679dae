"""Every query of the vehicle service."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

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
    ReportPhoto,
    Vehicle,
    VehicleState,
)
from shared.auth import Principal
from shared.db import among, copy_rows, dicts_by_key, insert_new, merge_rows, upsert

VEHICLE, STATE, POSITION = Vehicle.__table__, VehicleState.__table__, Position.__table__  # type: ignore[attr-defined]
LIFT, LOAD, REPORT, ALERT = BinLift.__table__, LoadReading.__table__, DriverReport.__table__, Alert.__table__  # type: ignore[attr-defined]
PHOTO = ReportPhoto.__table__  # type: ignore[attr-defined]
FENCE, ORDER = Geofence.__table__, PendingOrder.__table__  # type: ignore[attr-defined]
ORDER_COLUMNS = tuple(ORDER.columns.keys())
POSITION_COLUMNS = tuple(POSITION.columns.keys())
STATE_COLUMNS = tuple(STATE.columns.keys())


# --- registry ---------------------------------------------------------------------------------------------------


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, Vehicle]:
    rows = await session.execute(select(Vehicle).where(VEHICLE.c.vehicle_id.in_(list(ids))))
    return {vehicle.vehicle_id: vehicle for vehicle in rows.scalars()}


async def put_vehicles(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Vehicle, rows)


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


async def known_positions(session: AsyncSession, keys: Sequence[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
    return await _known(session, POSITION, keys)


async def known_loads(session: AsyncSession, keys: Sequence[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
    return await _known(session, LOAD, keys)


async def _known(session: AsyncSession, table: Any, keys: Sequence[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
    if not keys:
        return set()
    times = [at for _, at in keys]
    # The bounds let PostgreSQL open only the partitions of those days.
    query = select(table.c.vehicle_id, table.c.at).where(
        tuple_(table.c.vehicle_id, table.c.at).in_(keys), table.c.at >= min(times), table.c.at <= max(times)
    )
    return {(row.vehicle_id, row.at) for row in await session.execute(query)}


async def known_lifts(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    return set((await session.execute(select(LIFT.c.lift_id).where(LIFT.c.lift_id.in_(ids)))).scalars()) if ids else set()


async def known_reports(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    return set((await session.execute(select(REPORT.c.report_id).where(REPORT.c.report_id.in_(ids)))).scalars()) if ids else set()


async def add_positions(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of POSITION_COLUMNS; none of them may be there already."""
    await copy_rows(session, Position, POSITION_COLUMNS, rows)


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


async def fixes_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[tuple[Any, ...]]:
    """Plausible fixes since `start`: at, lon, lat, speed_kmh, heading_deg, ignition."""
    c = POSITION.c
    query = select(c.at, c.lon, c.lat, c.speed_kmh, c.heading_deg, c.ignition).where(c.vehicle_id == vehicle_id, c.flags == 0)
    query = query if start is None else query.where(c.at >= start)
    return [tuple(row) for row in await session.execute(query.order_by(c.at))]


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


# --- drivers' reports -------------------------------------------------------------------------------------------


async def photo_ids(session: AsyncSession, report_ids: Sequence[str]) -> dict[str, list[str]]:
    c = PHOTO.c
    query = select(c.report_id, c.photo_id).where(among(session, c.report_id, report_ids)).order_by(c.received_at, c.photo_id)
    found: dict[str, list[str]] = {}
    for report_id, photo_id in await session.execute(query):
        found.setdefault(report_id, []).append(photo_id)
    return found


async def add_photo(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, ReportPhoto, [row])


async def photo(session: AsyncSession, report_id: str, photo_id: str) -> ReportPhoto | None:
    return await session.get(ReportPhoto, (report_id, photo_id))


async def page_of_reports(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: tuple[datetime, str] | None, limit: int
) -> list[DriverReport]:
    """Newest first."""
    query: Select[Any] = select(DriverReport).where(*principal.scope.rows(REPORT, vehicles=VEHICLE))
    for column, value in filters.items():
        query = query.where(REPORT.c[column] == value)
    if after is not None:
        at, report_id = after
        query = query.where(or_(REPORT.c.at < at, and_(REPORT.c.at == at, REPORT.c.report_id < report_id)))
    return list((await session.execute(query.order_by(REPORT.c.at.desc(), REPORT.c.report_id.desc()).limit(limit))).scalars())


# --- tracks -----------------------------------------------------------------------------------------------------


async def track(
    session: AsyncSession, vehicle_id: str, start: datetime, end: datetime, after: datetime | None, limit: int, *, flagged: bool
) -> list[Position]:
    c = POSITION.c
    query = select(Position).where(c.vehicle_id == vehicle_id, c.at >= start, c.at < end)
    if after is not None:
        query = query.where(c.at > after)
    if not flagged:
        query = query.where(c.flags == 0)
    return list((await session.execute(query.order_by(c.at).limit(limit))).scalars())
