"""Endpoints: tares of trucks."""

from fastapi import APIRouter

from services.transfer_station.api.access import Operator
from services.transfer_station.schemas.tares import TareAnswer, TareBody
from services.transfer_station.service import tares
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.put("/v1/tares/{vehicle_id}", tags=["tickets"], summary="Register a truck's tare")
async def put_tare(vehicle_id: IdInPath, body: TareBody, session: Transaction, principal: Operator) -> TareAnswer:
    """An operator bound to stations registers it for these, one who is bound to none for all."""
    return await tares.put_tare(session, principal, vehicle_id, body)
