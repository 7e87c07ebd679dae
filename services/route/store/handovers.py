"""Who had a stop before, and what that vehicle did there."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.store.plan import STOP
from services.route.tables.facts import VehicleProgress
from services.route.tables.runs import Handover
from shared.db import upsert
from shared.rows import table_of

HANDOVER, PROGRESS = table_of(Handover), table_of(VehicleProgress)


async def add(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """A vehicle that had the stop twice gave it away when it did so last."""
    await upsert(session, Handover, rows)


async def of_vehicle_day(session: AsyncSession, vehicle_id: str, day: date) -> list[dict[str, Any]]:
    """Stops that this vehicle gave away, and those it was given; `stop_vehicle_id` has the stop now."""
    c = HANDOVER.c
    query = select(*c, STOP.c.vehicle_id.label("stop_vehicle_id")).join(STOP, STOP.c.stop_id == c.stop_id)
    query = query.where(c.service_day == day, or_(c.vehicle_id == vehicle_id, STOP.c.vehicle_id == vehicle_id))
    return [dict(row) for row in (await session.execute(query.order_by(c.at, c.vehicle_id, c.stop_id))).mappings()]


async def put_found(session: AsyncSession, stop_id: str, vehicle_id: str, found: dict[str, Any] | None) -> None:
    c = HANDOVER.c
    await session.execute(update(HANDOVER).where(c.stop_id == stop_id, c.vehicle_id == vehicle_id).values(found=found))


async def known_until(session: AsyncSession, vehicle_ids: Iterable[str]) -> dict[str, datetime | None]:
    c = PROGRESS.c
    rows = await session.execute(select(c.vehicle_id, c.known_until).where(c.vehicle_id.in_(list(vehicle_ids))))
    return {row.vehicle_id: row.known_until for row in rows}
