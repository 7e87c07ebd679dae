"""Queries of the registry of vehicles."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.vehicle_states import LastHeard
from services.vehicle.domain.vehicles import RegistryEntry, Vehicle, VehicleFilters
from services.vehicle.store.vehicle_states import STATE
from services.vehicle.tables.vehicles import VehicleRevisionRow, VehicleRow
from shared.auth import Principal
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, from_row, many, matching, table_of, to_rows

VEHICLE, ENTRY = table_of(VehicleRow), table_of(VehicleRevisionRow)


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, Vehicle]:
    query = select(*VEHICLE.c).where(VEHICLE.c.vehicle_id.in_(list(ids)))
    return {vehicle.vehicle_id: vehicle for vehicle in await many(session, Vehicle, query)}


async def save_vehicles(session: AsyncSession, vehicles: Sequence[Vehicle]) -> None:
    """With their entries, which are kept for good."""
    await upsert(session, VehicleRow, to_rows(vehicles))
    await insert_new(session, VehicleRevisionRow, to_rows(vehicle.entry for vehicle in vehicles))


async def entries(session: AsyncSession, ids: Collection[str]) -> list[RegistryEntry]:
    """Every entry that the registry had of these vehicles, in order."""
    query = select(*columns_of(RegistryEntry, ENTRY)).where(among(session, ENTRY.c.vehicle_id, ids))
    return await many(session, RegistryEntry, query.order_by(ENTRY.c.vehicle_id, ENTRY.c.revision))


async def page_of_vehicles(
    session: AsyncSession, principal: Principal, filters: VehicleFilters, after: str | None, limit: int
) -> list[tuple[Vehicle, LastHeard | None]]:
    """Vehicles in the order of their ids, within the bearer's scope."""
    has_state = STATE.c.vehicle_id.is_not(None).label("has_state")
    query: Select[Any] = select(*VEHICLE.c, *columns_of(LastHeard, STATE), has_state)
    query = query.join(STATE, VEHICLE.c.vehicle_id == STATE.c.vehicle_id, isouter=True)
    query = query.where(*principal.scope.rows(VEHICLE), *matching(filters, VEHICLE))
    if after is not None:
        query = query.where(VEHICLE.c.vehicle_id > after)
    rows = await session.execute(query.order_by(VEHICLE.c.vehicle_id).limit(limit))
    return [(from_row(Vehicle, row), from_row(LastHeard, row) if row.has_state else None) for row in rows]
