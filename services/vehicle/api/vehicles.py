"""Endpoints: the registry of vehicles with their current state."""

from typing import Annotated

from fastapi import APIRouter

from services.vehicle.api.access import Admin, Reader
from services.vehicle.domain.vehicles import VehicleFilters
from services.vehicle.schemas.imports import ImportAnswer, VehicleImport
from services.vehicle.schemas.vehicles import VehicleAnswer
from services.vehicle.service import registry
from shared.bodies import Code, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported
from shared.vocabulary import VehicleKind

router = APIRouter(responses=PROBLEMS)


@router.post(
    "/v1/vehicle-imports",
    tags=["registry"],
    summary="Create or update vehicles",
    openapi_extra=file_body(VehicleImport, "vehicles"),
)
async def import_vehicles(
    _: Admin, body: Annotated[VehicleImport, imported(VehicleImport, "vehicles")], session: Transaction
) -> ImportAnswer:
    return await registry.import_vehicles(session, body)


@router.get("/v1/vehicles", tags=["registry"], summary="Vehicles with their current state")
async def list_vehicles(
    session: Transaction,
    principal: Reader,
    kind: VehicleKind | None = None,
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[VehicleAnswer]:
    filters = VehicleFilters(kind=kind, district_id=district_id, contractor_id=contractor_id)
    return await registry.list_vehicles(session, principal, filters, cursor, limit)


@router.get("/v1/vehicles/{vehicle_id}", tags=["registry"], summary="A vehicle with its current state")
async def get_vehicle(vehicle_id: IdInPath, session: Transaction, principal: Reader) -> VehicleAnswer:
    return await registry.get_vehicle(session, principal, vehicle_id)
