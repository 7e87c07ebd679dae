"""Cases, their history and their clocks."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, Update, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.tables.calendar import OwnDay
from services.complaint.tables.cases import Case, CaseClock, CaseEvent, CaseStop
from shared.auth import Principal
from shared.db import among, dicts_by_key, insert_new, is_postgres, upsert
from shared.rows import table_of
from shared.scope import Scope, in_districts
from shared.vocabulary import ClockColour

CASE, EVENT, CLOCK, STOP, DAY = (table_of(table) for table in (Case, CaseEvent, CaseClock, CaseStop, OwnDay))
Row = dict[str, Any]
Key = tuple[datetime, str] | None
UNSENT = frozenset({"grams"})
LISTED = [column for column in CASE.c if column.name not in UNSENT]


# What every step asks, made once: SQLAlchemy knows a statement again, and making one is dearer than sending it.
LOCKED = select(*CASE.c).where(CASE.c.case_id.in_(bindparam("ids", expanding=True))).order_by(CASE.c.case_id).with_for_update()
CLOCKS = select(*CLOCK.c).where(CLOCK.c.case_id == bindparam("case_id")).order_by(CLOCK.c.started_at, CLOCK.c.kind)

# --- one case ---------------------------------------------------------------------------------------------------


async def add(session: AsyncSession, rows: Sequence[Row]) -> None:
    await insert_new(session, Case, rows)


async def case(session: AsyncSession, case_id: str) -> Row | None:
    row = (await session.execute(select(*CASE.c).where(CASE.c.case_id == case_id))).mappings().first()
    return None if row is None else dict(row)


async def of_ids(session: AsyncSession, ids: Collection[str]) -> dict[str, Row]:
    return dicts_by_key(await session.execute(select(*CASE.c).where(among(session, CASE.c.case_id, list(ids)))))


async def of_source(session: AsyncSession, source: str, ids: Collection[str]) -> set[str]:
    """Which of these were brought in before, by what they are called there."""
    query = select(CASE.c.source_id).where(CASE.c.source == source, among(session, CASE.c.source_id, list(ids)))
    return set((await session.execute(query)).scalars())


async def locked(session: AsyncSession, ids: Collection[str]) -> dict[str, Row]:
    """Nobody else changes them until we commit. Locked in the order of ids."""
    return dicts_by_key(await session.execute(LOCKED, {"ids": sorted(ids)}))


async def locked_joined_to(session: AsyncSession, main_id: str) -> dict[str, Row]:
    query = select(*CASE.c).where(CASE.c.main_id == main_id, CASE.c.closed_at.is_(None)).order_by(CASE.c.case_id)
    return dicts_by_key(await session.execute(query.with_for_update()))


async def joined_to(session: AsyncSession, main_id: str) -> list[str]:
    query = select(CASE.c.case_id).where(CASE.c.main_id == main_id).order_by(CASE.c.case_id)
    return list((await session.execute(query)).scalars())


async def put(session: AsyncSession, row: Row, changed: Collection[str]) -> None:
    values = {f"new_{name}": row[name] for name in changed}
    await session.execute(_putting(frozenset(changed)), values | {"of_case": row["case_id"]})


@cache
def _putting(names: frozenset[str]) -> Update:
    change = update(CASE).where(CASE.c.case_id == bindparam("of_case"))
    return change.values({name: bindparam(f"new_{name}") for name in sorted(names)})


async def add_events(session: AsyncSession, events: Sequence[Row]) -> None:
    await insert_new(session, CaseEvent, events)


async def history(session: AsyncSession, case_id: str) -> list[Row]:
    query = select(*EVENT.c).where(EVENT.c.case_id == case_id).order_by(EVENT.c.seq)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def clocks(session: AsyncSession, case_id: str) -> list[Row]:
    return [dict(row) for row in (await session.execute(CLOCKS, {"case_id": case_id})).mappings()]


async def put_clocks(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, CaseClock, rows)


async def running_over(session: AsyncSession, at: datetime, limit: int, but: Collection[str] = ()) -> list[Row]:
    """Resolve clocks that run beyond their limit, longest first."""
    query = select(*CLOCK.c).where(CLOCK.c.stopped_at.is_(None), CLOCK.c.due_at < at, CLOCK.c.kind == "resolve")
    query = query.where(CLOCK.c.case_id.not_in(list(but)))
    return [dict(row) for row in (await session.execute(query.order_by(CLOCK.c.due_at).limit(limit))).mappings()]


# --- many -------------------------------------------------------------------------------------------------------


def where(session: AsyncSession, filters: Row, at: datetime) -> list[ColumnElement[bool]]:
    return [one for name, value in filters.items() for one in _where(session, name, value, at)]


def _where(session: AsyncSession, name: str, value: Any, at: datetime) -> list[ColumnElement[bool]]:
    if name in PLAIN:
        return [PLAIN[name](value)]
    if name == "colour":
        return _coloured(value, at)
    if name == "box":
        west, south, east, north = value
        return [CASE.c.lon >= west, CASE.c.lon <= east, CASE.c.lat >= south, CASE.c.lat <= north]
    if name == "cells":
        return [among(session, CASE.c.cell, value)]
    if name == "grams":
        return _worded(session, value)
    return [CASE.c[name].in_(sorted(value)) if isinstance(value, list | set) else CASE.c[name] == value]


PLAIN: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "start": lambda at: CASE.c.requested_at >= at,
    "end": lambda at: CASE.c.requested_at < at,
    "updated_from": lambda at: CASE.c.changed_at >= at,
    "updated_to": lambda at: CASE.c.changed_at < at,
    "open": lambda wanted: CASE.c.closed_at.is_(None) if wanted else CASE.c.closed_at.is_not(None),
    "district_id": lambda district: in_districts(CASE.c.district_id, {district}),
}


def _worded(session: AsyncSession, pairs: Sequence[str]) -> list[ColumnElement[bool]]:
    """Every pair of letters stands in the text: by an index in PostgreSQL, by looking in SQLite."""
    if is_postgres(session):
        return [func.string_to_array(CASE.c.grams, " ", type_=ARRAY(Text)).contains(list(pairs))]
    return [CASE.c.grams.contains(pair, autoescape=True) for pair in pairs]


def _coloured(colour: ClockColour, at: datetime) -> list[ColumnElement[bool]]:
    """What the running resolve clock shows."""
    c = CASE.c
    if colour == ClockColour.RED:
        return [c.closed_at.is_(None), c.due_at < at]
    if colour == ClockColour.YELLOW:
        return [c.closed_at.is_(None), c.due_at >= at, c.yellow_at <= at]
    return [c.closed_at.is_(None), c.yellow_at > at]


async def page(
    session: AsyncSession, principal: Principal | None, filters: Row, at: datetime, after: Key, limit: int, offset: int = 0
) -> list[Row]:
    """Newest first. Without a principal: what is public."""
    c = CASE.c
    query = select(*LISTED).where(*where(session, filters, at))
    query = query.where(c.is_public) if principal is None else query.where(*principal.scope.rows(CASE))
    if after is not None:
        query = query.where(or_(c.requested_at < after[0], (c.requested_at == after[0]) & (c.case_id < after[1])))
    rows = await session.execute(query.order_by(c.requested_at.desc(), c.case_id.desc()).limit(limit).offset(offset))
    return [dict(row) for row in rows.mappings()]


async def on_map(session: AsyncSession, principal: Principal, filters: Row, at: datetime, limit: int) -> list[Row]:
    names = ("case_id", "category", "status", "lon", "lat", "requested_at", "due_at", "yellow_at", "closed_at", "urgency")
    query: Select[Any] = select(*(CASE.c[name] for name in names)).where(
        *principal.scope.rows(CASE), *where(session, filters, at)
    )
    return [dict(row) for row in (await session.execute(query.limit(limit))).mappings()]


async def near(
    session: AsyncSession, scope: Scope, cells: Sequence[int], start: datetime, end: datetime, limit: int
) -> list[Row]:
    """Cases in these cells that were reported between the two."""
    names = ("case_id", "category", "status", "lon", "lat", "requested_at", "description", "main_id", "closed_at")
    query = select(*(CASE.c[name] for name in names)).where(
        among(session, CASE.c.cell, cells), CASE.c.requested_at >= start, CASE.c.requested_at <= end, *scope.rows(CASE)
    )
    return [dict(row) for row in (await session.execute(query.order_by(CASE.c.requested_at.desc()).limit(limit))).mappings()]


async def counts(session: AsyncSession, at: datetime) -> Row:
    """Open cases: all, and by the colour of their clock."""
    c = CASE.c
    query = select(
        func.count(), func.count().filter(c.due_at < at), func.count().filter(c.due_at >= at, c.yellow_at <= at)
    ).where(c.closed_at.is_(None))
    total, red, yellow = (await session.execute(query)).one()
    return {"open": total, "red": red, "yellow": yellow}


# --- stops that cases rest on -----------------------------------------------------------------------------------


async def put_stops(session: AsyncSession, case_id: str, rows: Sequence[Row]) -> None:
    await session.execute(delete(STOP).where(STOP.c.case_id == case_id))
    await insert_new(session, CaseStop, rows)


async def about_stops(session: AsyncSession, stop_ids: Collection[str]) -> list[Row]:
    """case_id, stop_id, verdict, missed of every case that rests on one of these stops."""
    query = select(*STOP.c).where(among(session, STOP.c.stop_id, list(stop_ids))).order_by(STOP.c.case_id)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def open_about_missed(session: AsyncSession, stop_ids: Collection[str], but: str) -> list[str]:
    """Other open cases, filed or later, that are about one of these missed stops; oldest first."""
    query = (
        select(CASE.c.case_id)
        .join(STOP, STOP.c.case_id == CASE.c.case_id)
        .where(
            STOP.c.stop_id.in_(sorted(stop_ids)),
            STOP.c.missed,
            CASE.c.closed_at.is_(None),
            CASE.c.main_id.is_(None),
            CASE.c.case_id != but,
            CASE.c.status.not_in(["received", "accepted"]),
        )
    )
    return list((await session.execute(query.order_by(CASE.c.requested_at))).scalars())


async def want_evidence(session: AsyncSession, case_ids: Collection[str], at: datetime) -> None:
    wanted = among(session, CASE.c.case_id, list(case_ids))
    await session.execute(update(CASE).where(wanted).values(evidence_wanted_at=at))


async def evidence_wanted(session: AsyncSession, at: datetime, limit: int) -> list[Row]:
    query = select(*LISTED).where(CASE.c.evidence_wanted_at <= at).order_by(CASE.c.evidence_wanted_at).limit(limit)
    return [dict(row) for row in (await session.execute(query)).mappings()]


# --- the city's own days ----------------------------------------------------------------------------------------


async def own_days(session: AsyncSession) -> dict[date, Row]:
    return dicts_by_key(await session.execute(select(*DAY.c)))


async def put_own_days(session: AsyncSession, rows: Sequence[Row]) -> None:
    await upsert(session, OwnDay, rows)
