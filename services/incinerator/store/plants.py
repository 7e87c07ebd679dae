"""Plants, their furnace lines and loggers."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.tables.emissions import FurnaceLine, Logger, LoggerState
from services.incinerator.tables.plants import Plant
from shared.db import among, upsert
from shared.rows import table_of
from shared.scope import Scope

PLANT, LINE, LOGGER, STATE = (table_of(table) for table in (Plant, FurnaceLine, Logger, LoggerState))


async def plant(session: AsyncSession, plant_id: str) -> Plant | None:
    return await session.get(Plant, plant_id)


async def plants(session: AsyncSession, scope: Scope) -> Sequence[Plant]:
    query = select(Plant).where(*scope.rows(PLANT, station_id=PLANT.c.plant_id)).order_by(PLANT.c.plant_id)
    return (await session.execute(query)).scalars().all()


async def put_plant(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Plant, [row])


async def lines(session: AsyncSession, plant_ids: Iterable[str]) -> Sequence[FurnaceLine]:
    query = select(FurnaceLine).where(among(session, LINE.c.plant_id, list(plant_ids))).order_by(LINE.c.plant_id, LINE.c.line_id)
    return (await session.execute(query)).scalars().all()


async def line(session: AsyncSession, line_id: str) -> FurnaceLine | None:
    return await session.get(FurnaceLine, line_id)


async def put_lines(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, FurnaceLine, rows)


async def drop_lines(session: AsyncSession, line_ids: Collection[str]) -> None:
    await session.execute(delete(FurnaceLine).where(LINE.c.line_id.in_(sorted(line_ids))))


async def loggers(session: AsyncSession, mns: Iterable[str]) -> dict[str, Logger]:
    found = await session.execute(select(Logger).where(among(session, LOGGER.c.mn, sorted(set(mns)))))
    return {one.mn: one for one in found.scalars()}


async def loggers_of_line(session: AsyncSession, line_id: str) -> Sequence[Logger]:
    query = select(Logger).where(LOGGER.c.line_id == line_id).order_by(LOGGER.c.mn)
    return (await session.execute(query)).scalars().all()


async def loggers_with_state(session: AsyncSession, scope: Scope) -> list[tuple[Logger, LoggerState | None]]:
    query = select(Logger, LoggerState).outerjoin(LoggerState, STATE.c.mn == LOGGER.c.mn)
    rows = await session.execute(query.where(*scope.rows(LOGGER, station_id=LOGGER.c.plant_id)).order_by(LOGGER.c.mn))
    return [(row[0], row[1]) for row in rows]


async def put_logger(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Logger, [row])


async def logger_states(session: AsyncSession, mns: Iterable[str]) -> dict[str, LoggerState]:
    found = await session.execute(select(LoggerState).where(among(session, STATE.c.mn, sorted(set(mns)))))
    return {one.mn: one for one in found.scalars()}


async def put_logger_states(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, LoggerState, rows)
