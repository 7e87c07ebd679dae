"""Endpoints: plants."""

from fastapi import APIRouter, Request

from services.incinerator.api.access import Admin, Reader, zone_of
from services.incinerator.schemas.plants import PlantAnswer, PlantBody
from services.incinerator.service import registry
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/plants", tags=["plants"], summary="Incineration plants")
async def list_plants(session: Transaction, principal: Reader) -> Page[PlantAnswer]:
    return await registry.list_plants(session, principal)


@router.get("/v1/plants/{plant_id}", tags=["plants"], summary="A plant with its furnace lines")
async def get_plant(plant_id: IdInPath, session: Transaction, principal: Reader) -> PlantAnswer:
    return await registry.get_plant(session, principal, plant_id)


@router.put("/v1/plants/{plant_id}", tags=["plants"], summary="Create or change a plant")
async def put_plant(request: Request, plant_id: IdInPath, body: PlantBody, session: Transaction, _: Admin) -> PlantAnswer:
    """Limits of its own count where they are stricter; changed ones judge anew the days since they are valid."""
    return await registry.put_plant(session, plant_id, body, zone_of(request))
