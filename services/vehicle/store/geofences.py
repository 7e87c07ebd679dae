"""Queries of geofences."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.tables.geofences import Geofence
from shared.db import upsert
from shared.rows import table_of

FENCE = table_of(Geofence)
_FENCES = select(*FENCE.c).order_by(FENCE.c.fence_id)


async def fences(session: AsyncSession) -> Sequence[Any]:
    """Rows of the table, in the order of their ids."""
    return (await session.execute(_FENCES)).all()


async def put_fence(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Geofence, [row])
