"""Endpoints: the stations' logs."""

from fastapi import APIRouter

from services.transfer_station.api.access import Operator, Reader
from services.transfer_station.schemas.logs import LogAnswer, LogBody
from services.transfer_station.service import logs
from shared.bodies import Code, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/stations/{station_id}/log", tags=["stations"], summary="An entry in the station's log")
async def post_log(station_id: IdInPath, body: LogBody, session: Transaction, principal: Operator) -> LogAnswer:
    return await logs.write(session, principal, station_id, body)


@router.get("/v1/stations/{station_id}/log", tags=["stations"], summary="The station's log, newest first")
async def list_log(
    station_id: IdInPath,
    session: Transaction,
    principal: Reader,
    kind: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[LogAnswer]:
    return await logs.list_entries(session, principal, station_id, kind, cursor, limit)
