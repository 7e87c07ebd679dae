"""Endpoints: geofences."""

from fastapi import APIRouter

from services.vehicle.api.access import Admin, DispatcherOfDistricts
from services.vehicle.schemas.geofences import GeofenceAnswer, GeofenceBody
from services.vehicle.service import registry
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/geofences", tags=["alerts"], summary="Geofences")
async def list_geofences(session: Transaction, principal: DispatcherOfDistricts) -> Page[GeofenceAnswer]:
    return await registry.list_geofences(session, principal)


@router.put("/v1/geofences/{fence_id}", tags=["alerts"], summary="Create or change a geofence")
async def put_geofence(fence_id: IdInPath, body: GeofenceBody, session: Transaction, _: Admin) -> GeofenceAnswer:
    return await registry.put_geofence(session, fence_id, body)
