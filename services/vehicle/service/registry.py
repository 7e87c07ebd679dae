"""The registry of vehicles, and geofences."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle import store
from services.vehicle.schemas import CurrentState, GeofenceAnswer, GeofenceBody, ImportAnswer, VehicleAnswer, VehicleEntry
from services.vehicle.tables import Vehicle, VehicleState
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Invalid, NotFound
from shared.events.vehicle import VehicleRegistered
from shared.outbox import publish


async def import_vehicles(session: AsyncSession, entries: list[VehicleEntry]) -> ImportAnswer:
    """Create or update each entry; the same list again changes nothing."""
    if len({entry.vehicle_id for entry in entries}) < len(entries):
        raise Invalid("a vehicle_id stands in the list twice; nothing was imported")
    known = await store.vehicles(session, [entry.vehicle_id for entry in entries])
    rows = [row for entry in entries if (row := _changed(entry, known.get(entry.vehicle_id)))]
    await store.put_vehicles(session, rows)
    await publish(session, *(VehicleRegistered.model_validate(row) for row in rows))
    created = sum(row["revision"] == 1 for row in rows)
    return ImportAnswer(created=created, updated=len(rows) - created, unchanged=len(entries) - len(rows))


def _changed(entry: VehicleEntry, old: Vehicle | None) -> dict[str, Any] | None:
    row = entry.model_dump(mode="json")
    if old is None:
        return row | {"revision": 1, "registered_at": now()}
    if all(getattr(old, name) == value for name, value in row.items()):
        return None
    return row | {"revision": old.revision + 1, "registered_at": now()}


async def list_vehicles(
    session: AsyncSession, principal: Principal, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[VehicleAnswer]:
    key = decode_cursor(cursor, str)
    rows = await store.page_of_vehicles(session, principal, filters, key[0] if key else None, limit + 1)
    items = [_answer(vehicle, state) for vehicle, state in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].vehicle_id) if len(rows) > limit else None)


async def get_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> VehicleAnswer:
    vehicle = await require_vehicle(session, principal, vehicle_id)
    return _answer(vehicle, await store.state(session, vehicle_id))


async def require_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> Vehicle:
    """The vehicle, if it is registered and within the bearer's scope."""
    vehicle = (await store.vehicles(session, [vehicle_id])).get(vehicle_id)
    if vehicle is None:
        raise NotFound("no such vehicle")
    principal.require_sight(
        "vehicle", vehicle_id=vehicle_id, district_id=vehicle.district_id, contractor_id=vehicle.contractor_id
    )
    return vehicle


def _answer(vehicle: Vehicle, state: VehicleState | None) -> VehicleAnswer:
    current = CurrentState.model_validate(state) if state else None
    return VehicleAnswer.model_validate(vehicle.model_dump() | {"state": current})


async def put_geofence(session: AsyncSession, fence_id: str, body: GeofenceBody) -> GeofenceAnswer:
    """Positions from now on meet the new shape; what was judged stays judged."""
    for ring in body.polygon:
        if ring[0] != ring[-1]:
            raise Invalid("each ring of `polygon` must end where it begins (RFC 7946 3.1.6)")
        if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring):  # noqa: PLR2004 - degrees
            raise Invalid("corners of `polygon` are [lon, lat] in degrees")
    if body.valid_to is not None and body.valid_to <= body.valid_from:
        raise Invalid("valid_to must lie after valid_from")
    row = body.model_dump() | {"fence_id": fence_id}
    await store.put_fence(session, row)
    return GeofenceAnswer.model_validate(row)


async def list_geofences(session: AsyncSession) -> Page[GeofenceAnswer]:
    return Page(items=[GeofenceAnswer.model_validate(row) for row in await store.fences(session)])
