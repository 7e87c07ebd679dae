"""Queries of the checkpoints of alerts."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.checkpoints import MotionCheckpoint, ScalesCheckpoint
from services.vehicle.tables.telemetry import CheckpointRow
from shared.db import upsert
from shared.rows import columns_of, one, table_of, to_row

C = TypeVar("C", MotionCheckpoint, ScalesCheckpoint)
CHECKPOINT = table_of(CheckpointRow)


async def checkpoint_before(session: AsyncSession, kind: type[C], vehicle_id: str, day: date) -> C | None:
    """The newest checkpoint of a day up to and including `day`."""
    c = CHECKPOINT.c
    query = select(*columns_of(kind, CHECKPOINT)).where(c.vehicle_id == vehicle_id, c.fold == kind.fold, c.day <= day)
    return await one(session, kind, query.order_by(c.day.desc()).limit(1))


async def drop_checkpoints_after(session: AsyncSession, kind: type[C], vehicle_id: str, day: date) -> None:
    c = CHECKPOINT.c
    await session.execute(delete(CHECKPOINT).where(c.vehicle_id == vehicle_id, c.fold == kind.fold, c.day > day))


async def save_checkpoints(session: AsyncSession, checkpoints: Sequence[C]) -> None:
    await upsert(session, CheckpointRow, [to_row(each) | {"fold": each.fold} for each in checkpoints])
