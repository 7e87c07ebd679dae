"""Plants, their furnace lines and loggers."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.plants import FurnaceLine, HeardLogger, Logger, LoggerState, Plant
from services.incinerator.tables.emissions import FurnaceLineRow, LoggerRow, LoggerStateRow
from services.incinerator.tables.plants import PlantRow
from shared.db import among, upsert
from shared.rows import many, one, table_of, to_row, to_rows
from shared.scope import Scope

PLANT, LINE, LOGGER, STATE = (table_of(table) for table in (PlantRow, FurnaceLineRow, LoggerRow, LoggerStateRow))


async def plant(session: AsyncSession, plant_id: str) -> Plant | None:
    return await one(session, Plant, select(*PLANT.c).where(PLANT.c.plant_id == plant_id))


async def plants(session: AsyncSession, scope: Scope) -> list[Plant]:
    query = select(*PLANT.c).where(*scope.rows(PLANT, station_id=PLANT.c.plant_id)).order_by(PLANT.c.plant_id)
    return await many(session, Plant, query)


async def save_plant(session: AsyncSession, plant: Plant) -> None:
    await upsert(session, PlantRow, [to_row(plant)])


async def lines(session: AsyncSession, plant_ids: Iterable[str]) -> list[FurnaceLine]:
    query = select(*LINE.c).where(among(session, LINE.c.plant_id, list(plant_ids))).order_by(LINE.c.plant_id, LINE.c.line_id)
    return await many(session, FurnaceLine, query)


async def line(session: AsyncSession, line_id: str) -> FurnaceLine | None:
    return await one(session, FurnaceLine, select(*LINE.c).where(LINE.c.line_id == line_id))


async def save_lines(session: AsyncSession, lines: Sequence[FurnaceLine]) -> None:
    await upsert(session, FurnaceLineRow, to_rows(lines))


async def drop_lines(session: AsyncSession, line_ids: Collection[str]) -> None:
    await session.execute(delete(LINE).where(LINE.c.line_id.in_(sorted(line_ids))))


async def loggers(session: AsyncSession, mns: Iterable[str]) -> dict[str, Logger]:
    query = select(*LOGGER.c).where(among(session, LOGGER.c.mn, sorted(set(mns))))
    return {logger.mn: logger for logger in await many(session, Logger, query)}


async def loggers_of_line(session: AsyncSession, line_id: str) -> list[Logger]:
    return await many(session, Logger, select(*LOGGER.c).where(LOGGER.c.line_id == line_id).order_by(LOGGER.c.mn))


async def heard_loggers(session: AsyncSession, scope: Scope) -> list[HeardLogger]:
    newest = (STATE.c.last_frame_at, STATE.c.last_crc, STATE.c.last_encoding, STATE.c.frames)
    query = select(*LOGGER.c, *newest).outerjoin(STATE, STATE.c.mn == LOGGER.c.mn)
    query = query.where(*scope.rows(LOGGER, station_id=LOGGER.c.plant_id)).order_by(LOGGER.c.mn)
    return await many(session, HeardLogger, query)


async def save_logger(session: AsyncSession, logger: Logger) -> None:
    await upsert(session, LoggerRow, [to_row(logger)])


async def logger_states(session: AsyncSession, mns: Iterable[str]) -> dict[str, LoggerState]:
    query = select(*STATE.c).where(among(session, STATE.c.mn, sorted(set(mns))))
    return {state.mn: state for state in await many(session, LoggerState, query)}


async def save_logger_states(session: AsyncSession, states: Sequence[LoggerState]) -> None:
    await upsert(session, LoggerStateRow, to_rows(states))
