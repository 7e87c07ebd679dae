"""Runs and their stops: written by planning, read by everybody."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.runs import Run, RunFilters
from services.route.domain.stops import Stop, StopVerdict
from services.route.store.filters import asked
from services.route.tables.runs import HandoverRow, RunRow, StopRow, StopVerdictRow
from services.route.tables.timetable import PlanVersion
from shared.auth import Principal
from shared.db import among, copy_rows, is_postgres
from shared.geo import Point
from shared.rows import columns_of, many, one, table_of

RUN, STOP, HISTORY, VERSION = (table_of(table) for table in (RunRow, StopRow, StopVerdictRow, PlanVersion))
HANDOVER = table_of(HandoverRow)
OF_RUN, OF_STOP, OF_HISTORY = columns_of(Run, RUN), columns_of(Stop, STOP), columns_of(StopVerdict, HISTORY)
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


async def add_runs(session: AsyncSession, runs: Sequence[Run], stops: Sequence[Stop]) -> None:
    """Stops that nobody has judged yet."""
    await copy_rows(session, RunRow, RUN_COLUMNS, [tuple(getattr(run, name) for name in RUN_COLUMNS) for run in runs])
    await copy_rows(session, StopRow, STOP_COLUMNS, [tuple(getattr(stop, name) for name in STOP_COLUMNS) for stop in stops])


async def runs_not_begun(session: AsyncSession, route_id: str, at: datetime) -> list[Run]:
    """Of the timetable: a run that an order made is not the route's to give."""
    mine = RUN.c.route_id == route_id, RUN.c.begins_at > at, RUN.c.order_id.is_(None)
    return await many(session, Run, select(*OF_RUN).where(*mine).order_by(RUN.c.run_id).with_for_update())


async def give_runs(session: AsyncSession, run_ids: Sequence[str], vehicle_id: str | None, contractor_id: str | None) -> None:
    """These runs are that vehicle's now."""
    new = {"vehicle_id": vehicle_id, "contractor_id": contractor_id}
    await session.execute(update(RUN).where(RUN.c.run_id.in_(run_ids)).values(revision=RUN.c.revision + 1, **new))
    await session.execute(update(STOP).where(STOP.c.run_id.in_(run_ids)).values(**new))


async def run_for_update(session: AsyncSession, run_id: str) -> Run | None:
    return await one(session, Run, select(*OF_RUN).where(RUN.c.run_id == run_id).with_for_update())


async def stops_for_update(session: AsyncSession, run_id: str) -> list[Stop]:
    """In the order of their ids, as the judge locks them."""
    query = select(*OF_STOP).where(STOP.c.run_id == run_id).order_by(STOP.c.stop_id).with_for_update()
    return await many(session, Stop, query)


async def move_stops(session: AsyncSession, stop_ids: Sequence[str], old: Run, new: Run) -> None:
    """These stops leave the run `old` for the run `new`, which is added; both as they shall be."""
    left = {"stop_count": old.stop_count, "revision": old.revision}
    await session.execute(update(RUN).where(RUN.c.run_id == old.run_id).values(**left))
    await add_runs(session, [new], [])
    taken = {"run_id": new.run_id, "vehicle_id": new.vehicle_id, "contractor_id": new.contractor_id}
    await session.execute(update(STOP).where(among(session, STOP.c.stop_id, stop_ids)).values(**taken))


# --- read -------------------------------------------------------------------------------------------------------


async def run(session: AsyncSession, run_id: str) -> Run | None:
    return await one(session, Run, select(*OF_RUN).where(RUN.c.run_id == run_id))


async def stop(session: AsyncSession, stop_id: str) -> Stop | None:
    return await one(session, Stop, select(*OF_STOP).where(STOP.c.stop_id == stop_id))


async def stops_of(session: AsyncSession, run_ids: Iterable[str]) -> list[Stop]:
    query = select(*OF_STOP).where(STOP.c.run_id.in_(list(run_ids))).order_by(STOP.c.run_id, STOP.c.planned_at, STOP.c.seq)
    return await many(session, Stop, query.order_by(STOP.c.stop_id))


async def stops_by_run(session: AsyncSession, run_ids: Iterable[str]) -> dict[str, list[Stop]]:
    by_run: dict[str, list[Stop]] = {run_id: [] for run_id in run_ids}
    for of_run in await stops_of(session, by_run):
        by_run[of_run.run_id].append(of_run)
    return by_run


async def history(session: AsyncSession, stop_id: str) -> list[StopVerdict]:
    query = select(*OF_HISTORY).where(HISTORY.c.stop_id == stop_id).order_by(HISTORY.c.revision)
    return await many(session, StopVerdict, query)


async def page_of_runs(
    session: AsyncSession, principal: Principal, filters: RunFilters, after: str | None, limit: int
) -> list[Run]:
    """In the order of their ids, which begin with the day."""
    query = select(*OF_RUN).where(*principal.scope.rows(RUN), *asked(filters, RUN))
    if after is not None:
        query = query.where(RUN.c.run_id > after)
    return await many(session, Run, query.order_by(RUN.c.run_id).limit(limit))


async def verdict_counts(session: AsyncSession, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    query = select(STOP.c.run_id, STOP.c.verdict, func.count()).where(STOP.c.run_id.in_(run_ids))
    counts: dict[str, dict[str, int]] = {run_id: {} for run_id in run_ids}
    for run_id, verdict, count in await session.execute(query.group_by(STOP.c.run_id, STOP.c.verdict)):
        counts[run_id][verdict] = count
    return counts


class StopInTime(NamedTuple):
    """A stop that a vehicle has or had, as positions are held against it: a named tuple, as these are thousands."""

    vehicle_id: str
    stop_id: str
    lon: float
    lat: float
    planned_at: datetime
    line: Sequence[Point] | None


async def stops_near_in_time(
    session: AsyncSession, vehicle_ids: Iterable[str], start: datetime, end: datetime
) -> list[StopInTime]:
    """Stops that these vehicles have or had, planned between the two, in planned order."""
    c, wanted = STOP.c, list(vehicle_ids)
    query = select(c.vehicle_id, c.stop_id, c.lon, c.lat, c.planned_at, c.line)
    own = query.where(c.vehicle_id.in_(wanted), c.planned_at >= start, c.planned_at <= end)
    h = HANDOVER.c
    lent = select(h.vehicle_id, h.stop_id, c.lon, c.lat, h.planned_at, c.line).join(STOP, c.stop_id == h.stop_id)
    lent = lent.where(h.vehicle_id.in_(wanted), h.planned_at >= start, h.planned_at <= end)
    stops = {(row.vehicle_id, row.stop_id): StopInTime(*row) for row in await session.execute(own.union_all(lent))}
    return sorted(stops.values(), key=lambda stop: (stop.planned_at, stop.stop_id))


async def days_near(session: AsyncSession, vehicle_ids: Iterable[str], start: datetime, end: datetime) -> list[tuple[str, date]]:
    """The vehicle-days that have, or had, a stop planned between the two."""
    wanted = list(vehicle_ids)
    own, lent = (
        select(c.vehicle_id, c.service_day).where(c.vehicle_id.in_(wanted), c.planned_at >= start, c.planned_at <= end)
        for c in (STOP.c, HANDOVER.c)
    )
    return [(row.vehicle_id, row.service_day) for row in await session.execute(own.union(lent))]
