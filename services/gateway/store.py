"""Every query of the gateway's read model."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.rules import CityRules
from services.gateway.tables import CityAlert, CityClock, CityLifted, CityPart, CityRun, CityStop, CityVehicle, row_of
from shared.auth import DISTRICT_DIGITS
from shared.db import insert_new, upsert

VEHICLE, RUN, STOP = row_of(CityVehicle), row_of(CityRun), row_of(CityStop)
LIFTED, ALERT, PART, CLOCK = row_of(CityLifted), row_of(CityAlert), row_of(CityPart), row_of(CityClock)


async def next_seq(session: AsyncSession) -> int:
    """The number of this change; whoever asks next waits until we have committed."""
    taken = (await session.execute(update(CLOCK).values(seq=CLOCK.c.seq + 1).returning(CLOCK.c.seq))).scalar()
    if taken is None:
        await insert_new(session, CityClock, [{"id": 1, "seq": 0}])
        return await next_seq(session)
    return int(taken)


async def current_seq(session: AsyncSession) -> int:
    return (await session.execute(select(CLOCK.c.seq))).scalar() or 0


async def put_part(session: AsyncSession, service: str, as_of: datetime) -> None:
    known = (await session.execute(select(PART.c.as_of).where(PART.c.service == service))).scalar()
    if known is None or as_of > known:
        await upsert(session, CityPart, [{"service": service, "as_of": as_of}])


async def parts(session: AsyncSession) -> dict[str, datetime]:
    return {row.service: row.as_of for row in await session.execute(select(PART.c.service, PART.c.as_of))}


# --- written by consumers ---------------------------------------------------------------------------------------


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The rows of these vehicles; a row with defaults for one we have not heard of."""
    wanted = list(ids)
    rows = (await session.execute(select(*VEHICLE.c).where(VEHICLE.c.vehicle_id.in_(wanted)))).mappings()
    found = {row["vehicle_id"]: dict(row) for row in rows}
    return {i: found.get(i) or _unseen(i) for i in wanted}


def _unseen(vehicle_id: str) -> dict[str, Any]:
    return CityVehicle.model_validate({"vehicle_id": vehicle_id, "waste_streams": []}).model_dump()


async def put_vehicles(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityVehicle, rows)


async def run_revision(session: AsyncSession, run_id: str) -> int:
    return (await session.execute(select(RUN.c.revision).where(RUN.c.run_id == run_id))).scalar() or 0


async def put_run(session: AsyncSession, run: dict[str, Any], stops: Sequence[dict[str, Any]]) -> None:
    """The run and its stops; a stop keeps the verdict it has."""
    await upsert(session, CityRun, [run])
    ids = [stop["stop_id"] for stop in stops]
    query = select(STOP.c.stop_id, STOP.c.verdict, STOP.c.revision, STOP.c.served_at).where(STOP.c.stop_id.in_(ids))
    judged = {row["stop_id"]: dict(row) for row in (await session.execute(query)).mappings()}
    await upsert(session, CityStop, [stop | judged.get(stop["stop_id"], {}) for stop in stops])


async def streams_collected(session: AsyncSession, vehicle_id: str, day: date) -> set[str]:
    query = select(RUN.c.stream).where(RUN.c.vehicle_id == vehicle_id, RUN.c.service_day == day)
    return set((await session.execute(query)).scalars())


async def judge_stop(session: AsyncSession, stop_id: str, revision: int, values: dict[str, Any]) -> None:
    """Only a newer verdict counts. LookupError for a stop whose run has not arrived yet: the event is tried again."""
    newer = update(STOP).where(STOP.c.stop_id == stop_id, STOP.c.revision < revision).values(revision=revision, **values)
    if (await session.execute(newer.returning(STOP.c.stop_id))).first() is None:
        known = (await session.execute(select(STOP.c.stop_id).where(STOP.c.stop_id == stop_id))).first()
        if known is None:
            raise LookupError(f"stop {stop_id} is not known yet")


async def add_lifted(session: AsyncSession, day: date, district_id: str, stream: str, net_kg: int) -> None:
    await insert_new(session, CityLifted, [{"day": day, "district_id": district_id, "stream": stream, "net_kg": 0, "lifts": 0}])
    row = (LIFTED.c.day == day, LIFTED.c.district_id == district_id, LIFTED.c.stream == stream)
    await session.execute(update(LIFTED).where(*row).values(net_kg=LIFTED.c.net_kg + net_kg, lifts=LIFTED.c.lifts + 1))


async def alert_revision(session: AsyncSession, alert_id: str) -> int:
    return (await session.execute(select(ALERT.c.revision).where(ALERT.c.alert_id == alert_id))).scalar() or 0


async def put_alert(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, CityAlert, [row])


# --- read by the view -------------------------------------------------------------------------------------------


class Scope:
    """What a view is narrowed to: districts (also 9-digit subdistricts of a 6-digit one) and contractors."""

    def __init__(self, districts: frozenset[str] = frozenset(), contractors: frozenset[str] = frozenset()) -> None:
        self.districts, self.contractors = districts, contractors

    def on(self, table: Any) -> list[ColumnElement[bool]]:
        found = [self.within(table.c.district_id)]
        if self.contractors:
            contractor = table.c.get("contractor_id")
            if contractor is None:
                mine = select(VEHICLE.c.vehicle_id).where(VEHICLE.c.contractor_id.in_(sorted(self.contractors)))
                found.append(table.c.vehicle_id.in_(mine) if "vehicle_id" in table.c else false())
            else:
                found.append(contractor.in_(sorted(self.contractors)))
        return found

    def within(self, district: Any) -> ColumnElement[bool]:
        if not self.districts:
            return and_(True)
        parts = [district.startswith(d, autoescape=True) for d in sorted(self.districts) if len(d) == DISTRICT_DIGITS]
        return or_(district.in_(sorted(self.districts)), *parts)


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
    rows = sub.where(*scope.on(VEHICLE)).subquery()
    key = (rows.c.kind, rows.c.district_id, rows.c.status)
    query = select(*key, func.count(), func.sum(rows.c.records)).group_by(*key)
    return [
        (kind, district, status, count, int(records)) for kind, district, status, count, records in await session.execute(query)
    ]


async def run_count(session: AsyncSession, scope: Scope, day: date) -> int:
    return (await session.execute(select(func.count()).where(RUN.c.service_day == day, *scope.on(RUN)))).scalar() or 0


async def stop_counts(session: AsyncSession, scope: Scope, day: date, now: datetime) -> list[tuple[str, str, str, int]]:
    """district, verdict, when (`upcoming`, `open`, `over`: its window, now), stops."""
    c = STOP.c
    when = case((c.window_start > now, "upcoming"), (c.window_end >= now, "open"), else_="over").label("window")
    sub = select(func.coalesce(c.district_id, "").label("district_id"), c.verdict, when).where(
        c.service_day == day, *scope.on(STOP)
    )
    rows = sub.subquery()
    key = (rows.c.district_id, rows.c.verdict, rows.c.window)
    return [tuple(row) for row in await session.execute(select(*key, func.count()).group_by(*key))]


async def lifted(session: AsyncSession, scope: Scope, day: date) -> list[tuple[str, str, int, int]]:
    """district, stream, kg, lifts. Contractors are not told apart here: a bounded contractor gets nothing."""
    query = select(LIFTED.c.district_id, LIFTED.c.stream, LIFTED.c.net_kg, LIFTED.c.lifts).where(
        LIFTED.c.day == day, *scope.on(LIFTED)
    )
    return [tuple(row) for row in await session.execute(query)]


async def open_alert_counts(session: AsyncSession, scope: Scope) -> dict[str, int]:
    query = select(ALERT.c.kind, func.count()).where(ALERT.c.status == "open", *scope.on(ALERT)).group_by(ALERT.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


async def newest_open_alerts(session: AsyncSession, scope: Scope, limit: int) -> list[dict[str, Any]]:
    query = select(*ALERT.c).where(ALERT.c.status == "open", *scope.on(ALERT)).order_by(ALERT.c.opened_at.desc()).limit(limit)
    return _dicts(await session.execute(query))


async def vehicle_rows(session: AsyncSession, scope: Scope, since: int, now: datetime, rules: CityRules) -> list[dict[str, Any]]:
    return _dicts(await session.execute(_since(VEHICLE, scope, since, status_at(now, rules))))


async def stop_rows(session: AsyncSession, scope: Scope, since: int, day: date) -> list[dict[str, Any]]:
    return _dicts(await session.execute(_since(STOP, scope, since).where(STOP.c.service_day == day)))


async def alert_rows(session: AsyncSession, scope: Scope, since: int) -> list[dict[str, Any]]:
    query = _since(ALERT, scope, since)
    return _dicts(await session.execute(query if since else query.where(ALERT.c.status == "open")))


def _since(table: Any, scope: Scope, since: int, *extra: Any) -> Select[Any]:
    query: Select[Any] = select(*table.c, *extra).where(*scope.on(table))
    return query.where(table.c.changed_seq > since) if since else query


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in rows.mappings()]
