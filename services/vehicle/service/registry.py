"""The registry of vehicles, and geofences."""

import asyncio
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.vehicle_rows import Read, Rejected, read_vehicles
from services.vehicle.schemas.geofences import GeofenceAnswer, GeofenceBody
from services.vehicle.schemas.imports import ImportAnswer, RejectedVehicle, VehicleImport
from services.vehicle.schemas.vehicles import CurrentState, VehicleAnswer, VehicleEntry
from services.vehicle.store import geofences, vehicle_states, vehicles
from services.vehicle.tables.vehicles import Vehicle, VehicleState
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Invalid, NotFound
from shared.events.vehicle import VehicleRegistered
from shared.outbox import publish
from shared.tables_in.cells import shown
from shared.tables_in.reading import read_table
from shared.tables_in.refusals import refused
from shared.tables_in.table import Table


async def import_vehicles(session: AsyncSession, body: VehicleImport) -> ImportAnswer:
    """Create or update each vehicle; the same list or file again changes nothing."""
    if body.vehicles is not None:
        if len({entry.vehicle_id for entry in body.vehicles}) < len(body.vehicles):
            raise Invalid("a vehicle_id stands in the list twice; nothing was imported")
        return await _put(session, body.vehicles, [], [])
    return await _put(session, *await asyncio.to_thread(_read, body))


def _read(body: VehicleImport) -> tuple[list[VehicleEntry], list[RejectedVehicle], list[str]]:
    """The file's vehicles, its rejected rows, and its columns that mean nothing here."""
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        columns = _columns(body, table)
        entries: list[VehicleEntry] = []
        rejected: list[RejectedVehicle] = []
        for row in read_vehicles(table, columns, body.decimal_mark):
            try:
                if isinstance(row, Rejected):
                    rejected.append(RejectedVehicle.model_validate(row))
                else:
                    entries.append(VehicleEntry.model_validate(row.fields))
            except ValidationError as error:
                rejected.append(_misfit(row, error))
    return entries, rejected, [name for name in table.columns if name not in columns.values()]


def _columns(body: VehicleImport, table: Table) -> dict[str, str]:
    asked = {str(name): column for name, column in body.mapping.items()}
    if wrong := sorted(set(asked.values()) - set(table.columns)):
        raise Invalid(f"the file has no column {', '.join(wrong)}; it has {', '.join(table.columns)[:300]}", code="bad_mapping")
    columns = {name: asked.get(name, name) for name in VehicleEntry.model_fields if name in asked or name in table.columns}
    if missing := {"vehicle_id", "plate"} - columns.keys():
        names = (
            f"{', '.join(sorted(missing))}: say in `mapping` which column it is; the file has {', '.join(table.columns)[:300]}"
        )
        raise Invalid(names, code="bad_mapping")
    return columns


def _misfit(row: Read | Rejected, error: ValidationError) -> RejectedVehicle:
    detail = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)[:5])
    vehicle_id = row.fields.get("vehicle_id") if isinstance(row, Read) else row.vehicle_id
    return RejectedVehicle(row=row.row, vehicle_id=vehicle_id and shown(vehicle_id), code="invalid", detail=detail[:500])


async def _put(
    session: AsyncSession, entries: list[VehicleEntry], rejected: list[RejectedVehicle], ignored: list[str]
) -> ImportAnswer:
    known = await vehicles.vehicles(session, [entry.vehicle_id for entry in entries])
    rows = [row for entry in entries if (row := _changed(entry, known.get(entry.vehicle_id)))]
    await vehicles.put_vehicles(session, rows)
    await publish(session, *(VehicleRegistered.model_validate(row) for row in rows))
    created = sum(row["revision"] == 1 for row in rows)
    return ImportAnswer(
        created=created,
        updated=len(rows) - created,
        unchanged=len(entries) - len(rows),
        rejected=rejected,
        ignored_columns=ignored,
    )


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
    rows = await vehicles.page_of_vehicles(session, principal, filters, key[0] if key else None, limit + 1)
    items = [_answer(vehicle, state) for vehicle, state in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].vehicle_id) if len(rows) > limit else None)


async def get_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> VehicleAnswer:
    vehicle = await require_vehicle(session, principal, vehicle_id)
    return _answer(vehicle, await vehicle_states.state(session, vehicle_id))


async def require_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> Vehicle:
    """The vehicle, if it is registered and within the bearer's scope."""
    vehicle = (await vehicles.vehicles(session, [vehicle_id])).get(vehicle_id)
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
    await geofences.put_fence(session, row)
    return GeofenceAnswer.model_validate(row)


async def list_geofences(session: AsyncSession, principal: Principal) -> Page[GeofenceAnswer]:
    """One bound to districts sees theirs; a fence that names no district is the whole city's."""
    rows = [row for row in await geofences.fences(session) if principal.sees(district_id=row.district_id)]
    return Page(items=[GeofenceAnswer.model_validate(row) for row in rows])
