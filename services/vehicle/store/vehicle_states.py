"""Queries of the vehicles' current state."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.vehicle_states import LastHeard, VehicleState
from services.vehicle.tables.vehicles import VehicleStateRow
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, many, one, table_of, to_rows

STATE = table_of(VehicleStateRow)
_STATES = select(*columns_of(VehicleState, STATE))


async def lift_totals(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many bin lifts of each vehicle are stored."""
    query = select(STATE.c.vehicle_id, STATE.c.lifts).where(among(session, STATE.c.vehicle_id, ids))
    return {row.vehicle_id: row.lifts for row in await session.execute(query)}


async def last_heard(session: AsyncSession, vehicle_id: str) -> LastHeard | None:
    return await one(session, LastHeard, select(*columns_of(LastHeard, STATE)).where(STATE.c.vehicle_id == vehicle_id))


async def locked_states(session: AsyncSession, ids: Iterable[str]) -> dict[str, VehicleState]:
    """The states of these vehicles, made when missing; nobody else writes for these vehicles until we commit.

    Locked in the order of ids, so that two groups with the same vehicles cannot wait for each other.
    """
    wanted = sorted(ids)
    query = _STATES.where(among(session, STATE.c.vehicle_id, wanted)).order_by(STATE.c.vehicle_id).with_for_update()
    states = {state.vehicle_id: state for state in await many(session, VehicleState, query)}
    if len(states) < len(wanted):
        missing = [{"vehicle_id": vehicle_id} for vehicle_id in wanted if vehicle_id not in states]
        await insert_new(session, VehicleStateRow, missing)
        states = {state.vehicle_id: state for state in await many(session, VehicleState, query)}
    return states


async def save_states(session: AsyncSession, states: Iterable[VehicleState]) -> None:
    await upsert(session, VehicleStateRow, to_rows(states))


async def silent_vehicles(session: AsyncSession, until: datetime, limit: int) -> list[str]:
    """Vehicles last heard of before `until` whose silence nobody has judged yet."""
    unjudged = or_(STATE.c.silence_judged_at.is_(None), STATE.c.silence_judged_at != STATE.c.last_at)
    return list(
        (await session.execute(select(STATE.c.vehicle_id).where(STATE.c.last_at < until, unjudged).limit(limit))).scalars()
    )
