"""Endpoints: stock-takings and named losses."""

from fastapi import APIRouter

from services.transfer_station.api.access import Operator, Reader
from services.transfer_station.schemas.stock import StockAnswer, StockBody
from services.transfer_station.service import stock
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS
from shared.vocabulary import WasteStream

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/stations/{station_id}/stock", tags=["stations"], summary="A stock-taking, or a named loss")
async def post_stock(station_id: IdInPath, body: StockBody, session: Transaction, principal: Operator) -> StockAnswer:
    return await stock.record(session, principal, station_id, body)


@router.get("/v1/stations/{station_id}/stock", tags=["stations"], summary="Stock-takings and losses, newest first")
async def list_stock(
    station_id: IdInPath,
    session: Transaction,
    principal: Reader,
    stream: WasteStream | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[StockAnswer]:
    return await stock.list_entries(session, principal, station_id, stream, cursor, limit)
