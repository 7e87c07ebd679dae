"""Runs and their stops: written by planning, read by everybody."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.tables.runs import Handover, Run, Stop, StopVerdict
from services.route.tables.timetable import PlanVersion
from shared.auth import Principal
from shared.db import among, copy_rows, is_postgres
from shared.rows import table_of
from shared.scope import in_districts

RUN, STOP, HISTORY, VERSION = table_of(Run), table_of(Stop), table_of(StopVerdict), table_of(PlanVersion)
HANDOVER = table_of(Handover)
RUN_COLUMNS = tuple(RUN.columns.keys())
DECIDED_LATER = frozenset({"served_at", "evidence", "judged_at", "ruling"})
STOP_COLUMNS = tuple(column.name for column in STOP.columns if column.name not in DECIDED_LATER)


async def lock_planning(session: AsyncSession) -> None:
    """One plan at a time; consumers go on meanwhile. SQLite has one writer anyway.

    The key differs from that of the background tasks' leadership, which is held for as long as its process lives.
    """
    if is_postgres(session):
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('route plan'))"))


async def raise_plan_version(session: AsyncSession) -> None:
    """The last step of a plan: waits for consumers that still work by the old one, and has the next ones read the new."""
    await session.execute(update(VERSION).values(version=VERSION.c.version + 1))


async def plan_version(session: AsyncSession) -> int:
    """Stays true until the transaction ends: whoever raises it waits for us. So one look a transaction is enough."""
    if "plan_version" not in session.info:
        query = select(VERSION.c.version).with_for_update(read=True)
        session.info["plan_version"] = (await session.execute(query)).scalar_one()
    return int(session.info["plan_version"])


async def peek_plan_version(session: AsyncSession) -> int:
    return int((await session.execute(select(VERSION.c.version))).scalar_one())


async def runs_planned(session: AsyncSession, service_day: date, principal: Principal | None) -> dict[str, int]:
    """The day's runs and how many stops each has."""
    query = select(RUN.c.run_id, RUN.c.stop_count).where(RUN.c.service_day == service_day)
    rows = await session.execute(query.where(*principal.scope.rows(RUN)) if principal else query)
    return {row.run_id: row.stop_count for row in rows}


async def add_runs(session: AsyncSession, runs: Sequence[dict[str, Any]], stops: Sequence[dict[str, Any]]) -> None:
    await copy_rows(session, Run, RUN_COLUMNS, [tuple(run[name] for name in RUN_COLUMNS) for run in runs])
    await copy_rows(session, Stop, STOP_COLUMNS, [tuple(stop[name] for name in STOP_COLUMNS) for stop in stops])


async def runs_not_begun(session: AsyncSession, route_id: str, at: datetime) -> list[dict[str, Any]]:
    """Of the timetable: a run that an order made is not the route's to give."""
    mine = RUN.c.route_id == route_id, RUN.c.begins_at > at, RUN.c.order_id.is_(None)
    query = select(*RUN.c).where(*mine).order_by(RUN.c.run_id).with_for_update()
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def give_runs(session: AsyncSession, run_ids: Sequence[str], vehicle_id: str | None, contractor_id: str | None) -> None:
    """These runs are that vehicle's now."""
    given = update(RUN).where(RUN.c.run_id.in_(run_ids))
    new = {"vehicle_id": vehicle_id, "contractor_id": contractor_id}
    await session.execute(given.values(revision=RUN.c.revision + 1, **new))
    await session.execute(update(STOP).where(STOP.c.run_id.in_(run_ids)).values(**new))


async def run_for_update(session: AsyncSession, run_id: str) -> dict[str, Any] | None:
    row = (await session.execute(select(*RUN.c).where(RUN.c.run_id == run_id).with_for_update())).mappings().first()
    return None if row is None else dict(row)


async def stops_for_update(session: AsyncSession, run_id: str) -> list[dict[str, Any]]:
    """In the order of their ids, as the judge locks them."""
    query = select(*STOP.c).where(STOP.c.run_id == run_id).order_by(STOP.c.stop_id).with_for_update()
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def move_stops(session: AsyncSession, stop_ids: Sequence[str], old: dict[str, Any], new: dict[str, Any]) -> None:
    """These stops leave the run `old` for the run `new`, which is added; both are rows as they shall be."""
    kept = {name: old[name] for name in ("stop_count", "revision")}
    await session.execute(update(RUN).where(RUN.c.run_id == old["run_id"]).values(**kept))
    await add_runs(session, [new], [])
    given = {name: new[name] for name in ("run_id", "vehicle_id", "contractor_id")}
    await session.execute(update(STOP).where(among(session, STOP.c.stop_id, stop_ids)).values(**given))


# --- read -------------------------------------------------------------------------------------------------------


async def run(session: AsyncSession, run_id: str) -> Run | None:
    return await session.get(Run, run_id)


async def stop(session: AsyncSession, stop_id: str) -> Stop | None:
    return await session.get(Stop, stop_id)


async def stops_of(session: AsyncSession, run_ids: Iterable[str]) -> list[Stop]:
    query = select(Stop).where(STOP.c.run_id.in_(list(run_ids))).order_by(STOP.c.run_id, STOP.c.planned_at, STOP.c.seq)
    return list((await session.execute(query.order_by(STOP.c.stop_id))).scalars())


async def history(session: AsyncSession, stop_id: str) -> list[StopVerdict]:
    query = select(StopVerdict).where(HISTORY.c.stop_id == stop_id).order_by(HISTORY.c.revision)
    return list((await session.execute(query)).scalars())


async def page_of_runs(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], after: str | None, limit: int
) -> list[Run]:
    """In the order of their ids, which begin with the day. A 6-digit district includes its subdistricts."""
    query: Select[Any] = select(Run).where(*principal.scope.rows(RUN))
    for column, value in filters.items():
        same = in_districts(RUN.c.district_id, {value}) if column == "district_id" else RUN.c[column] == value
        query = query.where(same)
    if after is not None:
        query = query.where(RUN.c.run_id > after)
    return list((await session.execute(query.order_by(RUN.c.run_id).limit(limit))).scalars())


async def verdict_counts(session: AsyncSession, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    query = select(STOP.c.run_id, STOP.c.verdict, func.count()).where(STOP.c.run_id.in_(run_ids))
    counts: dict[str, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for run_id, verdict, count in await session.execute(query.group_by(STOP.c.run_id, STOP.c.verdict)):
        counts[run_id][verdict] = count
    return counts


async def stops_near_in_time(session: AsyncSession, vehicle_ids: Iterable[str], start: datetime, end: datetime) -> list[Any]:
    """Stops that these vehicles have or had, planned between the two, in planned order: vehicle_id, stop_id, lon, lat,
    planned_at, line."""
    c, wanted = STOP.c, list(vehicle_ids)
    query = select(c.vehicle_id, c.stop_id, c.lon, c.lat, c.planned_at, c.line)
    own = query.where(c.vehicle_id.in_(wanted), c.planned_at >= start, c.planned_at <= end)
    h = HANDOVER.c
    lent = select(h.vehicle_id, h.stop_id, c.lon, c.lat, h.planned_at, c.line).join(STOP, c.stop_id == h.stop_id)
    lent = lent.where(h.vehicle_id.in_(wanted), h.planned_at >= start, h.planned_at <= end)
    rows = {(row.vehicle_id, row.stop_id): row for row in await session.execute(own.union_all(lent))}
    return sorted(rows.values(), key=lambda row: (row.planned_at, row.stop_id))


async def days_near(session: AsyncSession, vehicle_ids: Iterable[str], start: datetime, end: datetime) -> list[tuple[str, date]]:
    """The vehicle-days that have, or had, a stop planned between the two."""
    wanted = list(vehicle_ids)
    own, lent = (
        select(c.vehicle_id, c.service_day).where(c.vehicle_id.in_(wanted), c.planned_at >= start, c.planned_at <= end)
        for c in (STOP.c, HANDOVER.c)
    )
    return [(row.vehicle_id, row.service_day) for row in await session.execute(own.union(lent))]
