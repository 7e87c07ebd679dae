"""Queries of geofences."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.geofences import Geofence, box_of
from services.vehicle.domain.motion import Fence
from services.vehicle.tables.geofences import GeofenceRow
from shared.db import upsert
from shared.rows import many, table_of, to_row

FENCE = table_of(GeofenceRow)
_FENCES = select(*FENCE.c).order_by(FENCE.c.fence_id)


async def geofences(session: AsyncSession) -> list[Geofence]:
    """In the order of their ids."""
    return await many(session, Geofence, _FENCES)


async def fences(session: AsyncSession) -> list[Fence]:
    """As positions meet them. Asked with every group of telemetry: the corners are taken as they are stored."""
    rows = await session.execute(_FENCES)
    return [Fence(row.fence_id, row.rule, row.polygon, box_of(row.polygon[0]), row.valid_from, row.valid_to) for row in rows]


async def save_geofence(session: AsyncSession, geofence: Geofence) -> None:
    await upsert(session, GeofenceRow, [to_row(geofence)])
