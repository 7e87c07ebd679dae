"""Every query of the gateway's read model."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import CityRules
from services.gateway.tables.city import (
    CityAlert,
    CityClock,
    CityComplaint,
    CityDistrict,
    CityPart,
    CityRun,
    CityStop,
    CityVehicle,
    CityViolation,
)
from shared.db import among, dicts_by_key, insert_new, merge_rows, upsert
from shared.rows import table_of
from shared.scope import Scope, in_districts

VEHICLE, RUN, STOP = table_of(CityVehicle), table_of(CityRun), table_of(CityStop)
ALERT, PART, CLOCK = table_of(CityAlert), table_of(CityPart), table_of(CityClock)
VIOLATION = table_of(CityViolation)

IN_LIST = 10_000
"""Keys in one question: PostgreSQL takes 32,767 parameters."""


async def next_seq(session: AsyncSession) -> int:
    """The number of this change; whoever asks next waits until we have committed."""
    taken = (await session.execute(update(CLOCK).values(seq=CLOCK.c.seq + 1).returning(CLOCK.c.seq))).scalar()
    if taken is None:
        await insert_new(session, CityClock, [{"id": 1, "seq": 0}])
        return await next_seq(session)
    return int(taken)


async def current_seq(session: AsyncSession) -> int:
    return (await session.execute(select(CLOCK.c.seq))).scalar() or 0


async def put_part(session: AsyncSession, service: str, as_of: datetime, ahead_seconds: int, latest: datetime) -> None:
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


# --- written by consumers ---------------------------------------------------------------------------------------


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The rows of these vehicles; a row with defaults for one we have not heard of."""
    wanted = list(ids)
    found = dicts_by_key(await session.execute(select(*VEHICLE.c).where(among(session, VEHICLE.c.vehicle_id, wanted))))
    return {i: found.get(i) or _unseen(i) for i in wanted}


def _unseen(vehicle_id: str) -> dict[str, Any]:
    return CityVehicle.model_validate({"vehicle_id": vehicle_id, "waste_streams": []}).model_dump()


async def put_vehicles(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityVehicle, rows)


FIX = ("last_at", "lon", "lat", "speed_kmh", "heading_deg", "ignition")
LOAD = ("load_at", "load_kg")
MOVE = ("vehicle_id", *FIX, *LOAD, "records", "lifts", "changed_seq")
UNREGISTERED = {"revision": 0, "plate": "", "kind": "other", "waste_streams": []}


async def move_vehicles(session: AsyncSession, moves: Sequence[tuple[Any, ...]], *, totals: bool) -> None:
    """Rows in the order of MOVE, one for each vehicle: a newer fix or load replaces the one there.

    Records and lifts are totals, of which the largest holds, or else are added.
    """
    columns, rest = (*MOVE, *UNREGISTERED), tuple(UNREGISTERED.values())
    merge = _with_totals if totals else _with_more
    await merge_rows(session, CityVehicle, columns, [(*move, *rest) for move in moves], merge)


def _with_totals(held: Any, new: Any) -> dict[str, Any]:
    totals = {name: case((new[name] > held[name], new[name]), else_=held[name]) for name in ("records", "lifts")}
    return _moved(held, new) | totals


def _with_more(held: Any, new: Any) -> dict[str, Any]:
    return _moved(held, new) | {name: held[name] + new[name] for name in ("records", "lifts")}


def _moved(held: Any, new: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for at, *names in (FIX, LOAD):
        newer = or_(held[at].is_(None), new[at] > held[at], _same_moment(held, new, at, names))
        kept |= {name: case((newer, new[name]), else_=held[name]) for name in (at, *names)}
    return kept | {"changed_seq": new.changed_seq}


def _same_moment(held: Any, new: Any, at: str, names: Sequence[str]) -> ColumnElement[bool]:
    """Of two of one moment the same one is shown, whichever came first: by longitude and latitude, or by weight."""
    first, second = names[0], names[:2][-1]
    larger = or_(new[first] > held[first], and_(new[first] == held[first], new[second] > held[second]))
    return and_(new[at] == held[at], larger)


async def run_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await _revisions(session, RUN.c.run_id, RUN.c.revision, ids)


async def stop_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await _revisions(session, STOP.c.stop_id, STOP.c.revision, ids)


async def alert_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await _revisions(session, ALERT.c.alert_id, ALERT.c.revision, ids)


async def violation_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await _revisions(session, VIOLATION.c.violation_id, VIOLATION.c.revision, ids)


async def _revisions(session: AsyncSession, key: Any, revision: Any, ids: Iterable[str]) -> dict[str, int]:
    return dict([tuple(row) for row in await session.execute(select(key, revision).where(key.in_(list(ids))))])


async def put_runs(session: AsyncSession, runs: Sequence[dict[str, Any]], stops: Sequence[dict[str, Any]], seq: int) -> None:
    """Runs and their stops, all with the change number `seq`; a stop keeps the verdict it has, one that left its run goes."""
    await upsert(session, CityRun, runs)
    judged: dict[str, dict[str, Any]] = {}
    kept = select(STOP.c.stop_id, STOP.c.verdict, STOP.c.revision, STOP.c.served_at)
    for start in range(0, len(stops), IN_LIST):
        ids = [stop["stop_id"] for stop in stops[start : start + IN_LIST]]
        rows = (await session.execute(kept.where(STOP.c.stop_id.in_(ids)))).mappings()
        judged |= {row["stop_id"]: dict(row) for row in rows}
    await upsert(session, CityStop, [stop | judged.get(stop["stop_id"], {}) for stop in stops])
    ids = [run["run_id"] for run in runs]
    await session.execute(delete(STOP).where(STOP.c.run_id.in_(ids), STOP.c.changed_seq < seq))


async def streams_collected(session: AsyncSession, days: Iterable[tuple[str, date]]) -> dict[tuple[str, date], set[str]]:
    """What each vehicle collects on each of these days."""
    key = tuple_(RUN.c.vehicle_id, RUN.c.service_day)
    found: dict[tuple[str, date], set[str]] = {}
    query = select(RUN.c.vehicle_id, RUN.c.service_day, RUN.c.stream).where(key.in_(list(days)))
    for vehicle_id, day, stream in await session.execute(query):
        found.setdefault((vehicle_id, day), set()).add(stream)
    return found


async def judge_stops(session: AsyncSession, verdicts: Sequence[tuple[str, int, str, datetime | None]], seq: int) -> None:
    """stop, revision, verdict, served_at."""
    if not verdicts:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("revision", "verdict", "served_at")}
    statement = update(STOP).where(STOP.c.stop_id == bindparam("stop")).values(changed_seq=seq, **values)
    rows = [{"stop": stop, "new_revision": r, "new_verdict": v, "new_served_at": at} for stop, r, v, at in verdicts]
    await (await session.connection()).execute(statement, rows)


async def put_alerts(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityAlert, rows)


async def put_violations(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityViolation, rows)


# --- read by the view -------------------------------------------------------------------------------------------


def _seen(scope: Scope, table: Any) -> list[ColumnElement[bool]]:
    """What a table does not say itself, its vehicle says."""
    return scope.rows(table, vehicles=VEHICLE)


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


async def fleet_counts(
    session: AsyncSession, scope: Scope, now: datetime, rules: CityRules
) -> list[tuple[str, str, str, int, int]]:
    """kind, district, status, vehicles, records."""
    c = VEHICLE.c
    sub = select(c.kind, func.coalesce(c.district_id, "").label("district_id"), status_at(now, rules), c.records)
    rows = sub.where(*scope.rows(VEHICLE)).subquery()
    key = (rows.c.kind, rows.c.district_id, rows.c.status)
    query = select(*key, func.count(), func.sum(rows.c.records)).group_by(*key)
    return [
        (kind, district, status, count, int(records)) for kind, district, status, count, records in await session.execute(query)
    ]


async def run_count(session: AsyncSession, scope: Scope, day: date) -> int:
    return (await session.execute(select(func.count()).where(RUN.c.service_day == day, *_seen(scope, RUN)))).scalar() or 0


async def open_violations(session: AsyncSession, scope: Scope, day: date) -> int:
    c = VIOLATION.c
    query = select(func.count()).where(c.service_day == day, c.status == "open", *_seen(scope, VIOLATION))
    return (await session.execute(query)).scalar() or 0


async def stop_counts(session: AsyncSession, scope: Scope, day: date, now: datetime) -> list[tuple[str, str, str, int]]:
    """district, verdict, when (`upcoming`, `open`, `over`: its window, now), stops."""
    c = STOP.c
    when = case((c.window_start > now, "upcoming"), (c.window_end >= now, "open"), else_="over").label("window")
    sub = select(func.coalesce(c.district_id, "").label("district_id"), c.verdict, when).where(
        c.service_day == day, *_seen(scope, STOP)
    )
    rows = sub.subquery()
    key = (rows.c.district_id, rows.c.verdict, rows.c.window)
    return [tuple(row) for row in await session.execute(select(*key, func.count()).group_by(*key))]


async def open_alert_counts(session: AsyncSession, scope: Scope) -> dict[str, int]:
    query = select(ALERT.c.kind, func.count()).where(ALERT.c.status == "open", *_seen(scope, ALERT)).group_by(ALERT.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


async def newest_open_alerts(session: AsyncSession, scope: Scope, limit: int) -> list[dict[str, Any]]:
    query = select(*ALERT.c).where(ALERT.c.status == "open", *_seen(scope, ALERT)).order_by(ALERT.c.opened_at.desc()).limit(limit)
    return _dicts(await session.execute(query))


async def vehicle_rows(session: AsyncSession, scope: Scope, since: int, now: datetime, rules: CityRules) -> list[dict[str, Any]]:
    return _dicts(await session.execute(_since(VEHICLE, scope, since, status_at(now, rules))))


async def changed_vehicles(session: AsyncSession, since: int) -> set[str]:
    """Of the whole city: a vehicle that left a scope is no longer found in it."""
    return set((await session.execute(select(VEHICLE.c.vehicle_id).where(VEHICLE.c.changed_seq > since))).scalars())


async def stop_rows(session: AsyncSession, scope: Scope, since: int, day: date) -> list[dict[str, Any]]:
    return _dicts(await session.execute(_since(STOP, scope, since).where(STOP.c.service_day == day)))


async def alert_rows(session: AsyncSession, scope: Scope, since: int) -> list[dict[str, Any]]:
    query = _since(ALERT, scope, since)
    return _dicts(await session.execute(query if since else query.where(ALERT.c.status == "open")))


def _since(table: Any, scope: Scope, since: int, *extra: Any) -> Select[Any]:
    query: Select[Any] = select(*table.c, *extra).where(*_seen(scope, table))
    return query.where(table.c.changed_seq > since) if since else query


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in rows.mappings()]


# --- districts --------------------------------------------------------------------------------------------------

DISTRICT = table_of(CityDistrict)


async def districts(session: AsyncSession, scope: Scope) -> list[dict[str, Any]]:
    """Shapes within the scope's districts, by id; a district belongs to no contractor."""
    here = [in_districts(DISTRICT.c.district_id, scope.district_ids)] if scope.district_ids else []
    return _dicts(await session.execute(select(*DISTRICT.c).where(*here).order_by(DISTRICT.c.district_id)))


async def put_districts(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityDistrict, rows)


# --- complaints -------------------------------------------------------------------------------------------------

COMPLAINT = table_of(CityComplaint)
OF_COMPLAINT = (
    "complaint_id",
    "revision",
    "category",
    "district_id",
    "contractor_id",
    "status",
    "open",
    "yellow_at",
    "due_at",
)


async def put_complaints(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of OF_COMPLAINT; one that is not newer than the one held changes nothing."""
    await merge_rows(session, CityComplaint, OF_COMPLAINT, rows, _newer_complaint)


def _newer_complaint(held: Any, new: Any) -> dict[str, Any]:
    return {name: case((new.revision > held.revision, new[name]), else_=held[name]) for name in OF_COMPLAINT[1:]}


async def complaint_counts(session: AsyncSession, scope: Scope, at: datetime) -> list[tuple[str, str, int]]:
    """district, colour of the clock (`none` where none runs), open cases."""
    c = COMPLAINT.c
    colour = case((c.due_at.is_(None), "none"), (c.due_at < at, "red"), (c.yellow_at <= at, "yellow"), else_="green")
    sub = select(func.coalesce(c.district_id, "").label("district_id"), colour.label("colour")).where(
        c.open, *_seen(scope, COMPLAINT)
    )
    rows = sub.subquery()
    query = select(rows.c.district_id, rows.c.colour, func.count()).group_by(rows.c.district_id, rows.c.colour)
    return [tuple(row) for row in await session.execute(query)]
