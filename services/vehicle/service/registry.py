"""The registry of vehicles, and geofences."""

import asyncio

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.geofences import Geofence, polygon_of
from services.vehicle.domain.vehicle_states import LastHeard
from services.vehicle.domain.vehicle_table import Rejected, VehicleCells, read_vehicles
from services.vehicle.domain.vehicles import Registration, Vehicle, VehicleFilters
from services.vehicle.schemas.geofences import GeofenceAnswer, GeofenceBody
from services.vehicle.schemas.imports import ImportAnswer, RejectedVehicle, VehicleImport
from services.vehicle.schemas.vehicles import CurrentState, VehicleAnswer, VehicleEntry
from services.vehicle.store import geofences, vehicle_states, vehicles
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
        return await _register(session, body.vehicles, [], [])
    return await _register(session, *await asyncio.to_thread(_read, body))


def _read(body: VehicleImport) -> tuple[list[VehicleEntry], list[RejectedVehicle], list[str]]:
    """The file's vehicles, its rejected rows, and its columns that mean nothing here."""
    with refused():
        table = read_table(body.content, encoding=body.encoding, sheet=body.sheet)
        columns = _columns(body, table)
        entries: list[VehicleEntry] = []
        rejected: list[RejectedVehicle] = []
        for vehicle in read_vehicles(table, columns, body.decimal_mark):
            if isinstance(vehicle, Rejected):
                rejected.append(RejectedVehicle.model_validate(vehicle))
                continue
            try:
                entries.append(_entry(vehicle))
            except ValidationError as error:
                rejected.append(_misfit(vehicle, error))
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


def _entry(cells: VehicleCells) -> VehicleEntry:
    """What no cell says is left to the entry's defaults. Raises ValidationError."""
    fields = {name: getattr(cells, name) for name in VehicleEntry.model_fields}
    return VehicleEntry.model_validate({name: value for name, value in fields.items() if value is not None})


def _misfit(cells: VehicleCells, error: ValidationError) -> RejectedVehicle:
    detail = "; ".join(
        f"{'.'.join(map(str, one.get('loc', ())))}: {one.get('msg')}" for one in error.errors(include_input=False)[:5]
    )
    vehicle_id = cells.vehicle_id and shown(cells.vehicle_id)
    return RejectedVehicle(row=cells.row, vehicle_id=vehicle_id, code="invalid", detail=detail[:500])


async def _register(
    session: AsyncSession, entries: list[VehicleEntry], rejected: list[RejectedVehicle], ignored: list[str]
) -> ImportAnswer:
    known = await vehicles.vehicles(session, [entry.vehicle_id for entry in entries])
    changed = [vehicle for entry in entries if (vehicle := _changed(entry, known.get(entry.vehicle_id)))]
    await vehicles.save_vehicles(session, changed)
    await publish(session, *(VehicleRegistered.model_validate(vehicle) for vehicle in changed))
    created = sum(vehicle.revision == 1 for vehicle in changed)
    return ImportAnswer(
        created=created,
        updated=len(changed) - created,
        unchanged=len(entries) - len(changed),
        rejected=rejected,
        ignored_columns=ignored,
    )


def _changed(entry: VehicleEntry, before: Vehicle | None) -> Vehicle | None:
    """None where the registry says so already."""
    registration = Registration(**entry.model_dump() | {"waste_streams": tuple(entry.waste_streams)})
    if before is None:
        return Vehicle.of(registration, now())
    after = before.registered_as(registration, now())
    return None if after is before else after


async def list_vehicles(
    session: AsyncSession, principal: Principal, filters: VehicleFilters, cursor: str | None, limit: int
) -> Page[VehicleAnswer]:
    key = decode_cursor(cursor, str)
    page = await vehicles.page_of_vehicles(session, principal, filters, key[0] if key else None, limit + 1)
    items = [_answer(vehicle, heard) for vehicle, heard in page[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].vehicle_id) if len(page) > limit else None)


async def get_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> VehicleAnswer:
    vehicle = await require_vehicle(session, principal, vehicle_id)
    return _answer(vehicle, await vehicle_states.last_heard(session, vehicle_id))


async def require_vehicle(session: AsyncSession, principal: Principal, vehicle_id: str) -> Vehicle:
    """The vehicle, if it is registered and within the bearer's scope."""
    vehicle = (await vehicles.vehicles(session, [vehicle_id])).get(vehicle_id)
    if vehicle is None:
        raise NotFound("no such vehicle")
    principal.require_sight(
        "vehicle", vehicle_id=vehicle_id, district_id=vehicle.district_id, contractor_id=vehicle.contractor_id
    )
    return vehicle


def _answer(vehicle: Vehicle, heard: LastHeard | None) -> VehicleAnswer:
    current = CurrentState.model_validate(heard) if heard else None
    return VehicleAnswer.describing(vehicle, state=current)


async def put_geofence(session: AsyncSession, fence_id: str, body: GeofenceBody) -> GeofenceAnswer:
    """Positions from now on meet the new shape; what was judged stays judged."""
    geofence = Geofence(**body.model_dump() | {"fence_id": fence_id, "polygon": polygon_of(body.polygon)})
    geofence.require_sound()
    await geofences.save_geofence(session, geofence)
    return GeofenceAnswer.model_validate(geofence)


async def list_geofences(session: AsyncSession, principal: Principal) -> Page[GeofenceAnswer]:
    """One bound to districts sees theirs; a fence that names no district is the whole city's."""
    seen = [each for each in await geofences.geofences(session) if principal.sees(district_id=each.district_id)]
    return Page(items=[GeofenceAnswer.model_validate(geofence) for geofence in seen])
