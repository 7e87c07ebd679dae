"""Queries of the vehicles' current state."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.tables.vehicles import VehicleState
from shared.db import among, dicts_by_key, insert_new, upsert
from shared.rows import table_of

STATE = table_of(VehicleState)
STATE_COLUMNS = tuple(STATE.columns.keys())


async def lift_totals(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many bin lifts of each vehicle are stored."""
    query = select(STATE.c.vehicle_id, STATE.c.lifts).where(among(session, STATE.c.vehicle_id, ids))
    return {row.vehicle_id: row.lifts for row in await session.execute(query)}


async def state(session: AsyncSession, vehicle_id: str) -> VehicleState | None:
    return await session.get(VehicleState, vehicle_id)


async def locked_states(session: AsyncSession, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The states of these vehicles, made when missing; nobody else writes for these vehicles until we commit.

    Locked in the order of ids, so that two groups with the same vehicles cannot wait for each other.
    """
    wanted = sorted(ids)
    query = select(*STATE.c).where(among(session, STATE.c.vehicle_id, wanted)).order_by(STATE.c.vehicle_id).with_for_update()
    found = dicts_by_key(await session.execute(query))
    if len(found) < len(wanted):
        await insert_new(session, VehicleState, [{"vehicle_id": vehicle_id} for vehicle_id in wanted if vehicle_id not in found])
        found = dicts_by_key(await session.execute(query))
    return found


async def put_states(session: AsyncSession, states: Sequence[dict[str, Any]]) -> None:
    await upsert(session, VehicleState, states)


async def silent_vehicles(session: AsyncSession, until: datetime, limit: int) -> list[str]:
    """Vehicles last heard of before `until` whose silence nobody has judged yet."""
    unjudged = or_(STATE.c.silence_judged_at.is_(None), STATE.c.silence_judged_at != STATE.c.last_at)
    return list(
        (await session.execute(select(STATE.c.vehicle_id).where(STATE.c.last_at < until, unjudged).limit(limit))).scalars()
    )
