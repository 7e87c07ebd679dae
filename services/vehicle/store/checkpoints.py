"""Queries of the folds' checkpoints."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.tables.telemetry import Checkpoint
from shared.db import upsert
from shared.rows import table_of


async def checkpoint_before(session: AsyncSession, vehicle_id: str, fold: str, day: date) -> Checkpoint | None:
    """The newest checkpoint of a day up to and including `day`."""
    table = table_of(Checkpoint)
    query = select(Checkpoint).where(table.c.vehicle_id == vehicle_id, table.c.fold == fold, table.c.day <= day)
    return (await session.execute(query.order_by(table.c.day.desc()).limit(1))).scalar()


async def drop_checkpoints_after(session: AsyncSession, vehicle_id: str, fold: str, day: date) -> None:
    table = table_of(Checkpoint)
    await session.execute(delete(Checkpoint).where(table.c.vehicle_id == vehicle_id, table.c.fold == fold, table.c.day > day))


async def put_checkpoints(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Checkpoint, rows)
