"""Endpoints: what was over a limit."""

from typing import Any

from fastapi import APIRouter, Request

from services.incinerator.api.access import Reader, Shape, Since, Until, zone_of
from services.incinerator.domain.exceedances import ExceedanceFilters
from services.incinerator.schemas.emissions import (
    ExceedanceAnswer,
    ExceedanceDetail,
)
from services.incinerator.service import exports, queries
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured

router = APIRouter(responses=PROBLEMS)


@router.get(
    "/v1/exceedances", tags=["emissions"], summary="What was over a limit", response_model=Page[ExceedanceAnswer], responses=FILES
)
async def list_exceedances(
    request: Request,
    session: Transaction,
    principal: Reader,
    plant_id: IdInQuery = None,
    line_id: IdInQuery = None,
    kind: ExceedanceKind | None = None,
    status: AlertStatus | None = None,
    pollutant: Measured | None = None,
    start: Since = None,
    end: Until = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Shape = "json",
) -> Any:
    """In the order of the periods; a spreadsheet holds all."""
    asked = ExceedanceFilters(
        plant_id=plant_id, line_id=line_id, kind=kind, status=status, pollutant=pollutant, start=start, end=end
    )
    if shape == "json":
        return await queries.list_exceedances(session, principal, asked, cursor, limit)
    items = await queries.all_exceedances(session, principal, asked)
    return download(exports.exceedances_file(items, shape, zone_of(request)))


@router.get("/v1/exceedances/{exceedance_id}", tags=["emissions"], summary="An exceedance with its history")
async def get_exceedance(exceedance_id: IdInPath, session: Transaction, principal: Reader) -> ExceedanceDetail:
    return await queries.get_exceedance(session, principal, exceedance_id)
