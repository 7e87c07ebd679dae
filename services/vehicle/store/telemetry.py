"""Queries of positions, bin lifts and loads."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.motion import Fix
from services.vehicle.domain.records import BinLift, DriverReport, LoadReading, Position
from services.vehicle.domain.scales import Weight
from services.vehicle.tables.reports import DriverReportRow
from services.vehicle.tables.telemetry import BinLiftRow, LoadReadingRow, PositionRow
from shared.db import copy_rows, insert_new
from shared.rows import many, table_of, to_rows

POSITION, LIFT, LOAD, REPORT = (table_of(table) for table in (PositionRow, BinLiftRow, LoadReadingRow, DriverReportRow))
POSITION_COLUMNS = Position._fields[:-1]
"""Of the first fix of a moment, as nearly all are: its ordinal, the last field, is 0 by default."""
_POSITIONS = [POSITION.c[name] for name in Position._fields]
Moments = Collection[tuple[str, datetime]]
"""Vehicle and time."""


async def positions_at(session: AsyncSession, moments: Moments) -> list[Position]:
    return [Position(*row) for row in await session.execute(_at(POSITION, moments, _POSITIONS))] if moments else []


async def loads_at(session: AsyncSession, moments: Moments) -> list[LoadReading]:
    return await many(session, LoadReading, _at(LOAD, moments, LOAD.c)) if moments else []


async def lifts_at(session: AsyncSession, moments: Moments) -> list[BinLift]:
    return await many(session, BinLift, _at(LIFT, moments, LIFT.c)) if moments else []


async def reports_at(session: AsyncSession, moments: Moments) -> list[DriverReport]:
    return await many(session, DriverReport, _at(REPORT, moments, REPORT.c)) if moments else []


def _at(table: Table, moments: Moments, columns: Iterable[Any]) -> Select[Any]:
    times = [at for _, at in moments]
    # The bounds let PostgreSQL open only the partitions of those days.
    return select(*columns).where(
        tuple_(table.c.vehicle_id, table.c.at).in_(list(moments)), table.c.at >= min(times), table.c.at <= max(times)
    )


async def add_positions(session: AsyncSession, positions: Sequence[Position]) -> None:
    """None of them may be there already."""
    await copy_rows(session, PositionRow, POSITION_COLUMNS, [position[:-1] for position in positions if not position.ordinal])
    await copy_rows(session, PositionRow, Position._fields, [position for position in positions if position.ordinal])


async def add_others(
    session: AsyncSession, lifts: Sequence[BinLift], loads: Sequence[LoadReading], reports: Sequence[DriverReport]
) -> None:
    await insert_new(session, BinLiftRow, to_rows(lifts))
    await insert_new(session, LoadReadingRow, to_rows(loads))
    await insert_new(session, DriverReportRow, to_rows(reports))


FIX = [POSITION.c[name] for name in Fix._fields]
"""The last is the odometer, which only distances need."""
PLAUSIBLE = POSITION.c.flags.in_((0, quality.OUT_OF_REACH))
"""By itself; what its neighbours say of it may change."""


async def fixes_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[Fix]:
    """Plausible ones since `start` in the order of time."""
    c = POSITION.c
    query = select(*FIX[:-1]).where(c.vehicle_id == vehicle_id, PLAUSIBLE)
    query = query if start is None else query.where(c.at >= start)
    return [Fix(*row) for row in await session.execute(query.order_by(c.at))]


async def plausible_before(session: AsyncSession, vehicle_id: str, before: datetime) -> datetime | None:
    """When the last plausible fix before then was."""
    c = POSITION.c
    query = select(c.at).where(c.vehicle_id == vehicle_id, PLAUSIBLE, c.at < before).order_by(c.at.desc()).limit(1)
    return (await session.execute(query)).scalar()


async def flag_positions(session: AsyncSession, vehicle_id: str, fixes: Iterable[Fix], flags: int) -> None:
    """Set the flags of positions, which are known by their time and ordinal."""
    c = POSITION.c
    for at, ordinal in sorted((fix.at, fix.ordinal) for fix in fixes):
        await session.execute(
            update(POSITION).where(c.vehicle_id == vehicle_id, c.at == at, c.ordinal == ordinal).values(flags=flags)
        )


async def driven(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> list[Fix]:
    """Fixes that count, from `start` up to, not including, `end`."""
    c = POSITION.c
    query = select(*FIX).where(c.vehicle_id == vehicle_id, c.flags == 0, c.at >= start, c.at < end)
    return [Fix(*row) for row in await session.execute(query.order_by(c.at))]


async def weights_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[Weight]:
    """Lifts and loads of believable times since `start`, in the order of time."""
    weights = []
    for table, source, kg in ((LIFT, "lift", LIFT.c.net_kg), (LOAD, "load", LOAD.c.load_kg)):
        query = select(table.c.at, kg, table.c.flags).where(table.c.vehicle_id == vehicle_id)
        query = query if start is None else query.where(table.c.at >= start)
        rows = await session.execute(query)
        weights += [Weight.flagged(at, source, kg, flags) for at, kg, flags in rows if not flags & quality.WRONG_TIME]
    return sorted(weights, key=lambda weight: (weight.at, weight.source, weight.kg))


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
    query = select(*_POSITIONS).where(c.vehicle_id == vehicle_id, c.at >= start, c.at < end)
    if after is not None:
        query = query.where(c.at >= after[0], or_(c.at > after[0], c.ordinal > after[1]))
    if not flagged:
        query = query.where(c.flags == 0)
    return [Position(*row) for row in await session.execute(query.order_by(c.at, c.ordinal).limit(limit))]
