"""Endpoints: stations and their state."""

from fastapi import APIRouter, Request

from services.transfer_station.api.access import Admin, Reader
from services.transfer_station.schemas.stations import StationAnswer, StationBody, StationState
from services.transfer_station.service import stations
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.put("/v1/stations/{station_id}", tags=["stations"], summary="Create or change a transfer station")
async def put_station(station_id: IdInPath, body: StationBody, session: Transaction, _: Admin) -> StationAnswer:
    return await stations.put_station(session, station_id, body)


@router.get("/v1/stations", tags=["stations"], summary="Transfer stations")
async def list_stations(
    session: Transaction, principal: Reader, cursor: Cursor = None, limit: Limit = 100
) -> Page[StationAnswer]:
    return await stations.list_stations(session, principal, cursor, limit)


@router.get("/v1/stations/{station_id}", tags=["stations"], summary="A station now: queue, trucks inside, stock, turn-round")
async def get_station(station_id: IdInPath, request: Request, session: Transaction, principal: Reader) -> StationState:
    return await stations.state(session, principal, station_id, request.app.state.resources.settings.zone)
