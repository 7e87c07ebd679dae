"""Queries of positions, bin lifts and loads."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.quality import OUT_OF_REACH
from services.vehicle.tables.reports import DriverReport
from services.vehicle.tables.telemetry import BinLift, LoadReading, Position
from shared.db import copy_rows, insert_new
from shared.rows import table_of

POSITION = table_of(Position)
LIFT = table_of(BinLift)
LOAD = table_of(LoadReading)
REPORT = table_of(DriverReport)
POSITION_COLUMNS = tuple(column.name for column in POSITION.columns if column.name != "ordinal")
"""Of the first fix of a moment, as nearly all are: its ordinal is 0 by default."""


async def positions_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    """Rows of these vehicles at these times."""
    return await _at(session, POSITION, moments)


async def loads_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, LOAD, moments)


async def lifts_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, LIFT, moments)


async def reports_at(session: AsyncSession, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    return await _at(session, REPORT, moments)


async def _at(session: AsyncSession, table: Any, moments: Collection[tuple[str, datetime]]) -> Sequence[Any]:
    if not moments:
        return []
    times = [at for _, at in moments]
    # The bounds let PostgreSQL open only the partitions of those days.
    query = select(*table.c).where(
        tuple_(table.c.vehicle_id, table.c.at).in_(list(moments)), table.c.at >= min(times), table.c.at <= max(times)
    )
    return (await session.execute(query)).all()


async def add_positions(
    session: AsyncSession, rows: Sequence[tuple[Any, ...]], others: Sequence[tuple[tuple[Any, ...], int]]
) -> None:
    """Rows in the order of POSITION_COLUMNS; `others`, with their ordinal, are of moments that have a fix already.

    None of them may be there already.
    """
    await copy_rows(session, Position, POSITION_COLUMNS, rows)
    await copy_rows(session, Position, (*POSITION_COLUMNS, "ordinal"), [(*row, ordinal) for row, ordinal in others])


async def add_others(
    session: AsyncSession, lifts: Sequence[dict[str, Any]], loads: Sequence[dict[str, Any]], reports: Sequence[dict[str, Any]]
) -> None:
    for table, rows in ((BinLift, lifts), (LoadReading, loads), (DriverReport, reports)):
        await insert_new(session, table, rows)


FIX = (POSITION.c.at, POSITION.c.lon, POSITION.c.lat, POSITION.c.speed_kmh, POSITION.c.heading_deg, POSITION.c.ignition)
PLAUSIBLE = POSITION.c.flags.in_((0, OUT_OF_REACH))
"""By itself; what its neighbours say of it may change."""


async def fixes_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[tuple[Any, ...]]:
    """Plausible fixes since `start` in the order of time: FIX, ordinal, flags."""
    c = POSITION.c
    query = select(*FIX, c.ordinal, c.flags).where(c.vehicle_id == vehicle_id, PLAUSIBLE)
    query = query if start is None else query.where(c.at >= start)
    return [tuple(row) for row in await session.execute(query.order_by(c.at))]


async def plausible_before(session: AsyncSession, vehicle_id: str, before: datetime) -> datetime | None:
    """When the last plausible fix before then was."""
    c = POSITION.c
    query = select(c.at).where(c.vehicle_id == vehicle_id, PLAUSIBLE, c.at < before).order_by(c.at.desc()).limit(1)
    return (await session.execute(query)).scalar()


async def flag_positions(session: AsyncSession, vehicle_id: str, keys: Iterable[tuple[datetime, int]], flags: int) -> None:
    """Set the flags of positions by their time and ordinal."""
    c = POSITION.c
    for at, ordinal in sorted(keys):
        await session.execute(
            update(POSITION).where(c.vehicle_id == vehicle_id, c.at == at, c.ordinal == ordinal).values(flags=flags)
        )


async def driven(
    session: AsyncSession, vehicle_id: str, start: datetime, end: datetime
) -> list[tuple[tuple[Any, ...], float | None]]:
    """Fixes that count, from `start` up to, not including, `end`: FIX, and the odometer's kilometres."""
    c = POSITION.c
    query = select(*FIX, c.odometer_km).where(c.vehicle_id == vehicle_id, c.flags == 0, c.at >= start, c.at < end)
    return [(tuple(row)[:-1], row.odometer_km) for row in await session.execute(query.order_by(c.at))]


async def weights_from(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[tuple[datetime, str, int, int]]:
    """Lifts and loads since `start` in the order of time: at, source, kg, flags."""
    found = []
    for table, source, kg in ((LIFT, "lift", LIFT.c.net_kg), (LOAD, "load", LOAD.c.load_kg)):
        query = select(table.c.at, kg, table.c.flags).where(table.c.vehicle_id == vehicle_id)
        query = query if start is None else query.where(table.c.at >= start)
        found += [(at, source, weight, flags) for at, weight, flags in await session.execute(query)]
    return sorted(found)


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
    query = select(Position).where(c.vehicle_id == vehicle_id, c.at >= start, c.at < end)
    if after is not None:
        query = query.where(c.at >= after[0], or_(c.at > after[0], c.ordinal > after[1]))
    if not flagged:
        query = query.where(c.flags == 0)
    return list((await session.execute(query.order_by(c.at, c.ordinal).limit(limit))).scalars())
