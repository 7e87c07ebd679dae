"""What trucks did: written by consumers, read by the judge."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.facts import (
    Lift,
    Observation,
    RecordedLift,
    RecordedReport,
    RecordedSilence,
    Report,
    Silence,
)
from services.route.tables.facts import DriverReportRow, LiftRow, ObservationRow, SilenceRow, VehicleProgress
from shared.db import insert_new, merge_rows, wake
from shared.events.vehicle import WRONG_TIME
from shared.rows import columns_of, many, table_of, to_rows

SEEN, LIFT, REPORT, PROGRESS = (table_of(table) for table in (ObservationRow, LiftRow, DriverReportRow, VehicleProgress))
SILENCE = table_of(SilenceRow)
SILENCE_COLUMNS = tuple(SILENCE.columns.keys())
SEEN_COLUMNS = tuple(SEEN.columns.keys())
PROGRESS_COLUMNS = tuple(PROGRESS.columns.keys())
DIRTY_FROM = PROGRESS_COLUMNS.index("dirty_from")
SeenRow = tuple[Any, ...]
"""In the order of SEEN_COLUMNS: the one plain tuple of this service, as every position of every truck comes this way, and a
frozen type for each costs more than ten times as much to make."""
ProgressRow = tuple[Any, ...]
"""In the order of PROGRESS_COLUMNS: the same, one for each vehicle of an event."""


async def add_observations(session: AsyncSession, rows: Sequence[SeenRow]) -> None:
    await merge_rows(session, ObservationRow, SEEN_COLUMNS, rows)


async def review_observations(session: AsyncSession, rows: Sequence[SeenRow]) -> None:
    """An older review never overwrites a newer one."""
    await merge_rows(session, ObservationRow, SEEN_COLUMNS, rows, _newest_review)


def _newest_review(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    is_newer = or_(stored.reviewed_at.is_(None), stored.reviewed_at < new.reviewed_at)
    return {name: case((is_newer, new[name]), else_=stored[name]) for name in ("reviewed_at", "left_out")}


async def add_lifts(session: AsyncSession, lifts: Sequence[RecordedLift]) -> None:
    await insert_new(session, LiftRow, to_rows(lifts))


async def add_reports(session: AsyncSession, reports: Sequence[RecordedReport]) -> None:
    await insert_new(session, DriverReportRow, to_rows(reports))


async def save_silences(session: AsyncSession, silences: Sequence[RecordedSilence]) -> None:
    """An older revision never overwrites a newer one."""
    rows = [tuple(getattr(silence, name) for name in SILENCE_COLUMNS) for silence in silences]
    await merge_rows(session, SilenceRow, SILENCE_COLUMNS, rows, _newest)


def _newest(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    names = ("revision", "begin", "end", "gone")
    return {name: case((stored.revision >= new.revision, stored[name]), else_=new[name]) for name in names}


async def advance(session: AsyncSession, rows: Sequence[ProgressRow]) -> None:
    """Add what they say to what is known of their vehicles. What is marked here, `tasks.py::judge_stops` judges."""
    await merge_rows(session, VehicleProgress, PROGRESS_COLUMNS, rows, _advanced)
    if any(row[DIRTY_FROM] is not None for row in rows):
        wake(session, "judging")


async def touch(session: AsyncSession, spans: Iterable[tuple[str, datetime, datetime]]) -> None:
    """What these vehicles did between the two is to be judged again."""
    await advance(session, [(vehicle_id, None, None, 0, 0, start, end) for vehicle_id, start, end in spans])


def _advanced(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    return {
        "known_from": _earlier(stored.known_from, new.known_from),
        "known_until": _later(stored.known_until, new.known_until),
        "records": stored.records + new.records,
        "lifts": stored.lifts + new.lifts,
        "dirty_from": _earlier(stored.dirty_from, new.dirty_from),
        "dirty_until": _later(stored.dirty_until, new.dirty_until),
    }


def _later(stored: Any, new: Any) -> ColumnElement[Any]:
    return case((or_(new.is_(None), stored >= new), stored), else_=new)


def _earlier(stored: Any, new: Any) -> ColumnElement[Any]:
    return case((or_(new.is_(None), stored <= new), stored), else_=new)


# --- read by the judge ------------------------------------------------------------------------------------------


async def known_until(session: AsyncSession, vehicle_id: str) -> datetime | None:
    return (await reach(session, vehicle_id))[1]


async def reach(session: AsyncSession, vehicle_id: str) -> tuple[datetime | None, datetime | None]:
    """From when to when the vehicle's data reaches."""
    query = select(PROGRESS.c.known_from, PROGRESS.c.known_until).where(PROGRESS.c.vehicle_id == vehicle_id)
    row = (await session.execute(query)).first()
    return (row.known_from, row.known_until) if row else (None, None)


async def observations(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> tuple[Observation, ...]:
    c = SEEN.c
    query = select(c.at, c.lon, c.lat, c.speed_kmh, c.heading_deg).where(c.vehicle_id == vehicle_id, c.at >= start, c.at <= end)
    return tuple(Observation(*row) for row in await session.execute(query.where(c.left_out.is_(False))))


async def lifts(
    session: AsyncSession, vehicle_id: str, start: datetime, end: datetime
) -> tuple[tuple[Lift, ...], dict[str, str | None]]:
    """The lifts between the two whose time can be true, and which stop each counts for until now."""
    c = LIFT.c
    query = select(c.lift_id, c.at, c.service_point_id, c.lon, c.lat, c.net_kg, c.flags, c.stop_id)
    rows = (await session.execute(query.where(c.vehicle_id == vehicle_id, c.at >= start, c.at <= end))).all()
    usable = [row for row in rows if not WRONG_TIME & set(row.flags)]
    return tuple(Lift(*row[:6]) for row in usable), {row.lift_id: row.stop_id for row in usable}


async def reports(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> list[Report]:
    """Those whose time can be true."""
    c = REPORT.c
    query = select(*(c[name] for name in Report._fields), c.flags)
    rows = await session.execute(query.where(c.vehicle_id == vehicle_id, c.at >= start, c.at <= end))
    return [Report(*row) for *row, flags in rows if not WRONG_TIME & set(flags)]


async def silences(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> tuple[Silence, ...]:
    c = SILENCE.c
    query = select(c.begin, c.end).where(c.vehicle_id == vehicle_id, c.end >= start, c.begin <= end, c.gone.is_(False))
    return tuple(Silence(*row) for row in await session.execute(query))


async def match_lifts(session: AsyncSession, stop_of_lift: dict[str, str | None]) -> None:
    """Note which stop each of these lifts counts for."""
    if stop_of_lift:
        matching = update(LIFT).where(LIFT.c.lift_id == bindparam("of_lift")).values(stop_id=bindparam("to_stop"))
        await session.execute(matching, [{"of_lift": i, "to_stop": stop_id} for i, stop_id in sorted(stop_of_lift.items())])


async def unmatched_lifts(
    session: AsyncSession, start: datetime, end: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[RecordedLift]:
    """Lifts between the two that count for no stop, oldest first."""
    c = LIFT.c
    query = select(*columns_of(RecordedLift, LIFT)).where(c.stop_id.is_(None), c.at >= start, c.at < end)
    if after is not None:
        at, lift_id = after
        query = query.where(or_(c.at > at, and_(c.at == at, c.lift_id > lift_id)))
    return await many(session, RecordedLift, query.order_by(c.at, c.lift_id).limit(limit))
