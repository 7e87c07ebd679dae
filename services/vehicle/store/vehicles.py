"""Queries of the registry of vehicles."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.store.vehicle_states import STATE
from services.vehicle.tables.vehicles import Vehicle, VehicleRevision, VehicleState
from shared.auth import Principal
from shared.db import among, insert_new, upsert
from shared.rows import table_of

VEHICLE = table_of(Vehicle)
ENTRY = table_of(VehicleRevision)


async def vehicles(session: AsyncSession, ids: Iterable[str]) -> dict[str, Vehicle]:
    rows = await session.execute(select(Vehicle).where(VEHICLE.c.vehicle_id.in_(list(ids))))
    return {vehicle.vehicle_id: vehicle for vehicle in rows.scalars()}


async def put_vehicles(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """The rows' entries, which are kept for good, too."""
    await upsert(session, Vehicle, rows)
    await insert_new(session, VehicleRevision, [{column.name: row[column.name] for column in ENTRY.columns} for row in rows])


async def entries(session: AsyncSession, ids: Collection[str]) -> Sequence[VehicleRevision]:
    """Every entry that the registry had of these vehicles, in order."""
    query = select(VehicleRevision).where(among(session, ENTRY.c.vehicle_id, ids))
    return (await session.execute(query.order_by(ENTRY.c.vehicle_id, ENTRY.c.revision))).scalars().all()


async def page_of_vehicles(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: str | None, limit: int
) -> Sequence[tuple[Vehicle, VehicleState | None]]:
    """Vehicles in the order of their ids, within the bearer's scope; filters by column name."""
    query: Select[*tuple[Any, ...]] = select(Vehicle, VehicleState).join(
        VehicleState, VEHICLE.c.vehicle_id == STATE.c.vehicle_id, isouter=True
    )
    query = query.where(*principal.scope.rows(VEHICLE))
    for column, value in filters.items():
        query = query.where(VEHICLE.c[column] == value)
    if after is not None:
        query = query.where(VEHICLE.c.vehicle_id > after)
    rows = await session.execute(query.order_by(VEHICLE.c.vehicle_id).limit(limit))
    return [(vehicle, state) for vehicle, state in rows]
