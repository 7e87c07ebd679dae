"""Endpoints: emissions of furnace lines."""

from typing import Any

from fastapi import APIRouter, Request

from services.incinerator.api.access import From, Reader, Shape, To, zone_of
from services.incinerator.schemas.emissions import EmissionAnswer, FurnaceBoard, Series
from services.incinerator.service import board, exports, queries
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import IdInPath, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES
from shared.vocabulary import Measured

router = APIRouter(responses=PROBLEMS)


@router.get(
    "/v1/lines/{line_id}/emissions",
    tags=["emissions"],
    summary="A line's values, with their validity and marks",
    response_model=Page[EmissionAnswer],
    responses=FILES,
)
async def list_emissions(
    request: Request,
    line_id: IdInPath,
    session: Transaction,
    principal: Reader,
    start: From,
    end: To,
    period: Series = "hourly",
    measured: Measured | None = None,
    kind: Shape = "json",
) -> Any:
    items = await queries.series(session, principal, line_id, period, measured, start, end)
    if kind == "json":
        return Page(items=items)
    return download(exports.emissions_file(f"{line_id}-{period}", items, kind, zone_of(request)))


@router.get("/v1/furnace-board", tags=["emissions"], summary="Five pollutants and the furnace temperature of every line")
async def get_board(request: Request, session: Transaction, principal: Reader) -> FurnaceBoard:
    """Of the furnace temperature `hour` is the newest 5-minute mean and `day` how many were below the limit."""
    return await board.furnace_board(session, principal, zone_of(request))
