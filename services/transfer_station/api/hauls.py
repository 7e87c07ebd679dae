"""Endpoints: sealed containers and their hauls."""

from fastapi import APIRouter

from services.transfer_station.api.access import Operator, Reader
from services.transfer_station.domain.hauls import HaulFilters
from services.transfer_station.schemas.tickets import (
    HaulAnswer,
    HaulArrival,
    HaulBody,
    SealAnswer,
    SealBody,
    Voiding,
)
from services.transfer_station.service import hauls
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery
from shared.errors import PROBLEMS
from shared.vocabulary import HaulStatus, WasteStream

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/stations/{station_id}/containers/{container_id}/seal", tags=["hauls"], summary="A container is full and sealed")
async def post_seal(
    station_id: IdInPath, container_id: IdInPath, body: SealBody, session: Transaction, principal: Operator
) -> SealAnswer:
    return await hauls.seal(session, principal, station_id, container_id, body)


@router.post("/v1/hauls", tags=["hauls"], summary="A sealed container leaves for a plant")
async def post_haul(body: HaulBody, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.leave(session, principal, body)


@router.post("/v1/hauls/{haul_id}/arrival", tags=["hauls"], summary="The container has arrived")
async def post_arrival(haul_id: IdInPath, body: HaulArrival, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.arrive(session, principal, haul_id, body)


@router.post("/v1/hauls/{haul_id}/cancel", tags=["hauls"], summary="It never left")
async def post_cancel(haul_id: IdInPath, body: Voiding, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.cancel(session, principal, haul_id, body)


@router.get("/v1/hauls", tags=["hauls"], summary="Hauls, newest first")
async def list_hauls(
    session: Transaction,
    principal: Reader,
    station_id: IdInQuery = None,
    status: HaulStatus | None = None,
    stream: WasteStream | None = None,
    plant_id: IdInQuery = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[HaulAnswer]:
    asked = HaulFilters(station_id=station_id, status=status, stream=stream, destination_plant_id=plant_id)
    return await hauls.list_hauls(session, principal, asked, cursor, limit)


@router.get("/v1/hauls/{haul_id}", tags=["hauls"], summary="A haul")
async def get_haul(haul_id: IdInPath, session: Transaction, principal: Reader) -> HaulAnswer:
    return await hauls.get_haul(session, principal, haul_id)
