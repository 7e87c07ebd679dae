"""Cases, their history and their clocks."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.cases import Case, CaseOnMap, NearbyCase
from services.complaint.domain.clocks import RecordedClock
from services.complaint.domain.figures import OpenCounts
from services.complaint.domain.filters import CaseFilters
from services.complaint.domain.history import CaseEvent
from services.complaint.domain.own_days import OwnDay
from services.complaint.domain.similarity import cell_of, grams
from services.complaint.store.filters import CASE, where
from services.complaint.tables.calendar import OwnDayRow
from services.complaint.tables.cases import CaseClockRow, CaseEventRow, CaseRow
from shared.auth import Principal
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, from_row, many, one, table_of, to_row, to_rows
from shared.scope import Scope
from shared.vocabulary import ClockKind

EVENT, CLOCK, DAY = (table_of(table) for table in (CaseEventRow, CaseClockRow, OwnDayRow))
Key = tuple[datetime, str] | None
CASE_COLUMNS = columns_of(Case, CASE)


# What every step asks, made once: SQLAlchemy knows a statement again, and making one is dearer than sending it.
LOCKED = (
    select(*CASE_COLUMNS).where(CASE.c.case_id.in_(bindparam("ids", expanding=True))).order_by(CASE.c.case_id).with_for_update()
)
CLOCKS = (
    select(*columns_of(RecordedClock, CLOCK))
    .where(CLOCK.c.case_id == bindparam("case_id"))
    .order_by(CLOCK.c.started_at, CLOCK.c.kind)
)

# --- one case ---------------------------------------------------------------------------------------------------


async def add_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    await insert_new(session, CaseRow, [to_row(case) | {"cell": _cell(case), "grams": _grams(case)} for case in cases])


async def case(session: AsyncSession, case_id: str) -> Case | None:
    return await one(session, Case, select(*CASE_COLUMNS).where(CASE.c.case_id == case_id))


async def known_source_ids(session: AsyncSession, source: str, ids: Collection[str]) -> set[str]:
    """Which of these were brought in before, by what they are called there."""
    query = select(CASE.c.source_id).where(CASE.c.source == source, among(session, CASE.c.source_id, list(ids)))
    return set((await session.execute(query)).scalars())


async def locked(session: AsyncSession, ids: Collection[str]) -> dict[str, Case]:
    """Nobody else changes them until we commit. Locked in the order of ids."""
    cases = [from_row(Case, row) for row in await session.execute(LOCKED, {"ids": sorted(ids)})]
    return {case.case_id: case for case in cases}


async def locked_joined_to(session: AsyncSession, main_id: str) -> list[Case]:
    query = select(*CASE_COLUMNS).where(CASE.c.main_id == main_id, CASE.c.closed_at.is_(None)).order_by(CASE.c.case_id)
    return await many(session, Case, query.with_for_update())


async def joined_to(session: AsyncSession, main_id: str) -> list[str]:
    query = select(CASE.c.case_id).where(CASE.c.main_id == main_id).order_by(CASE.c.case_id)
    return list((await session.execute(query)).scalars())


async def save_case(session: AsyncSession, before: Case, after: Case) -> None:
    """Write what changed."""
    names = {field.name for field in fields(Case) if getattr(before, field.name) != getattr(after, field.name)}
    values = {name: value for name, value in to_row(after).items() if name in names}
    if names & {"lon", "lat"}:
        values["cell"] = _cell(after)
    if names & {"description", "address"}:
        values["grams"] = _grams(after)
    if values:
        changes = {f"new_{name}": value for name, value in values.items()}
        await session.execute(_saving(frozenset(values)), changes | {"of_case": after.case_id})


@cache
def _saving(names: frozenset[str]) -> Update:
    change = update(CASE).where(CASE.c.case_id == bindparam("of_case"))
    return change.values({name: bindparam(f"new_{name}") for name in sorted(names)})


def _cell(case: Case) -> int | None:
    return None if case.lon is None or case.lat is None else cell_of(case.lon, case.lat)


def _grams(case: Case) -> str:
    return " ".join(grams(f"{case.description} {case.address or ''}"))


async def add_events(session: AsyncSession, events: Sequence[CaseEvent]) -> None:
    await insert_new(session, CaseEventRow, to_rows(events))


async def history(session: AsyncSession, case_id: str) -> list[CaseEvent]:
    query = select(*columns_of(CaseEvent, EVENT)).where(EVENT.c.case_id == case_id).order_by(EVENT.c.seq)
    return await many(session, CaseEvent, query)


async def clocks(session: AsyncSession, case_id: str) -> list[RecordedClock]:
    return [from_row(RecordedClock, row) for row in await session.execute(CLOCKS, {"case_id": case_id})]


async def save_clocks(session: AsyncSession, clocks: Sequence[RecordedClock]) -> None:
    await upsert(session, CaseClockRow, to_rows(clocks))


async def running_over(session: AsyncSession, at: datetime, limit: int, but: Collection[str] = ()) -> list[RecordedClock]:
    """Resolve clocks that run beyond their limit, longest first."""
    query = select(*columns_of(RecordedClock, CLOCK)).where(
        CLOCK.c.stopped_at.is_(None),
        CLOCK.c.due_at < at,
        CLOCK.c.kind == ClockKind.RESOLVE.value,
        CLOCK.c.case_id.not_in(list(but)),
    )
    return await many(session, RecordedClock, query.order_by(CLOCK.c.due_at).limit(limit))


# --- many -------------------------------------------------------------------------------------------------------


async def page(
    session: AsyncSession,
    principal: Principal | None,
    filters: CaseFilters,
    at: datetime,
    after: Key,
    limit: int,
    offset: int = 0,
) -> list[Case]:
    """Newest first. Without a principal: what is public."""
    c = CASE.c
    query = select(*CASE_COLUMNS).where(*where(session, filters, at))
    query = query.where(c.is_public) if principal is None else query.where(*principal.scope.rows(CASE))
    if after is not None:
        query = query.where(or_(c.requested_at < after[0], (c.requested_at == after[0]) & (c.case_id < after[1])))
    ordered = query.order_by(c.requested_at.desc(), c.case_id.desc())
    return await many(session, Case, ordered.limit(limit).offset(offset))


async def on_map(session: AsyncSession, principal: Principal, filters: CaseFilters, at: datetime, limit: int) -> list[CaseOnMap]:
    conditions = [*principal.scope.rows(CASE), *where(session, filters, at)]
    return await many(session, CaseOnMap, select(*columns_of(CaseOnMap, CASE)).where(*conditions).limit(limit))


async def near(
    session: AsyncSession, scope: Scope, cells: Sequence[int], start: datetime, end: datetime, limit: int
) -> list[NearbyCase]:
    """Cases in these cells that were reported between the two."""
    query = select(*columns_of(NearbyCase, CASE)).where(
        among(session, CASE.c.cell, cells), CASE.c.requested_at >= start, CASE.c.requested_at <= end, *scope.rows(CASE)
    )
    return await many(session, NearbyCase, query.order_by(CASE.c.requested_at.desc()).limit(limit))


async def open_counts(session: AsyncSession, at: datetime) -> OpenCounts:
    c = CASE.c
    numbers = {
        "open": func.count(),
        "red": func.count().filter(c.due_at < at),
        "yellow": func.count().filter(c.due_at >= at, c.yellow_at <= at),
    }
    columns: list[ColumnElement[Any]] = [number.label(name) for name, number in numbers.items()]
    [counts] = await many(session, OpenCounts, select(*columns).where(c.closed_at.is_(None)))
    return counts


# --- the city's own days ----------------------------------------------------------------------------------------


async def own_days(session: AsyncSession) -> dict[date, OwnDay]:
    return {own.day: own for own in await many(session, OwnDay, select(*columns_of(OwnDay, DAY)))}


async def save_own_days(session: AsyncSession, days: Sequence[OwnDay]) -> None:
    await upsert(session, OwnDayRow, to_rows(days))
