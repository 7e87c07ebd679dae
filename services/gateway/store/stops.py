"""Runs, their stops and violations in the read model."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.stops import Run, Stop, StopCount, StopNow, StopVerdict, Violation
from services.gateway.store.vehicles import changed, seen
from services.gateway.tables.city import CityRun, CityStop, CityViolation
from shared.db import upsert
from shared.rows import table_of, to_rows
from shared.scope import Scope
from shared.vocabulary import Verdict, ViolationStatus

RUN, STOP, VIOLATION = table_of(CityRun), table_of(CityStop), table_of(CityViolation)
IN_LIST = 10_000
"""Keys in one question: PostgreSQL takes 32,767 parameters."""


async def revisions(session: AsyncSession, key: Any, revision: Any, ids: Iterable[str]) -> dict[str, int]:
    return dict([tuple(row) for row in await session.execute(select(key, revision).where(key.in_(list(ids))))])


async def run_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await revisions(session, RUN.c.run_id, RUN.c.revision, ids)


async def stop_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await revisions(session, STOP.c.stop_id, STOP.c.revision, ids)


async def violation_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await revisions(session, VIOLATION.c.violation_id, VIOLATION.c.revision, ids)


async def save_runs(session: AsyncSession, runs: Sequence[Run], stops: Sequence[Stop], seq: int) -> None:
    """Runs and their stops, all with the change number `seq`; a stop keeps the verdict it has, one that left its run goes."""
    await upsert(session, CityRun, to_rows(runs))
    judged = await _verdicts(session, [stop.stop_id for stop in stops])
    stops = [stop.judged(judged[stop.stop_id]) if stop.stop_id in judged else stop for stop in stops]
    await upsert(session, CityStop, to_rows(stops))
    ids = [run.run_id for run in runs]
    await session.execute(delete(STOP).where(STOP.c.run_id.in_(ids), STOP.c.changed_seq < seq))


async def _verdicts(session: AsyncSession, stop_ids: Sequence[str]) -> dict[str, StopVerdict]:
    query = select(STOP.c.stop_id, STOP.c.revision, STOP.c.verdict, STOP.c.served_at)
    verdicts: dict[str, StopVerdict] = {}
    for start in range(0, len(stop_ids), IN_LIST):
        rows = await session.execute(query.where(STOP.c.stop_id.in_(stop_ids[start : start + IN_LIST])))
        verdicts |= {stop_id: StopVerdict(stop_id, revision, Verdict(verdict), at) for stop_id, revision, verdict, at in rows}
    return verdicts


async def streams_collected(session: AsyncSession, days: Collection[tuple[str, date]]) -> dict[tuple[str, date], set[str]]:
    """What each vehicle collects on each of these days."""
    key = tuple_(RUN.c.vehicle_id, RUN.c.service_day)
    streams: dict[tuple[str, date], set[str]] = {}
    query = select(RUN.c.vehicle_id, RUN.c.service_day, RUN.c.stream).where(key.in_(list(days)))
    for vehicle_id, day, stream in await session.execute(query):
        streams.setdefault((vehicle_id, day), set()).add(stream)
    return streams


async def save_verdicts(session: AsyncSession, verdicts: Sequence[StopVerdict], seq: int) -> None:
    if not verdicts:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("revision", "verdict", "served_at")}
    statement = update(STOP).where(STOP.c.stop_id == bindparam("stop")).values(changed_seq=seq, **values)
    rows = [
        {"stop": stop, "new_revision": revision, "new_verdict": verdict.value, "new_served_at": at}
        for stop, revision, verdict, at in verdicts
    ]
    await (await session.connection()).execute(statement, rows)


async def save_violations(session: AsyncSession, violations: Sequence[Violation]) -> None:
    await upsert(session, CityViolation, to_rows(violations))


# --- read by the view -------------------------------------------------------------------------------------------


async def run_count(session: AsyncSession, scope: Scope, day: date) -> int:
    return (await session.execute(select(func.count()).where(RUN.c.service_day == day, *seen(scope, RUN)))).scalar() or 0


async def open_violations(session: AsyncSession, scope: Scope, day: date) -> int:
    c = VIOLATION.c
    here = (c.service_day == day, c.status == ViolationStatus.OPEN.value, *seen(scope, VIOLATION))
    return (await session.execute(select(func.count()).where(*here))).scalar() or 0


async def stop_counts(session: AsyncSession, scope: Scope, day: date, now: datetime) -> list[StopCount]:
    c = STOP.c
    when = case((c.window_start > now, "upcoming"), (c.window_end >= now, "open"), else_="over").label("window")
    sub = select(func.coalesce(c.district_id, "").label("district_id"), c.verdict, when).where(
        c.service_day == day, *seen(scope, STOP)
    )
    rows = sub.subquery()
    key = (rows.c.district_id, rows.c.verdict, rows.c.window)
    return [StopCount(*row) for row in await session.execute(select(*key, func.count()).group_by(*key))]


async def stops_now(session: AsyncSession, scope: Scope, since: int, day: date) -> list[StopNow]:
    columns = [STOP.c[name] for name in StopNow._fields]
    return [StopNow(*row) for row in await session.execute(changed(columns, STOP, scope, since).where(STOP.c.service_day == day))]
