"""Endpoints: a plant's days."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.incinerator.api.access import Auditor, Operator, Shape, zone_of
from services.incinerator.schemas.intake import EntryAnswer, EntryBody, LedgerAnswer
from services.incinerator.service import exports, ledger
from shared.bodies import Day, Page
from shared.db import Transaction
from shared.endpoints import IdInPath, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES

router = APIRouter(responses=PROBLEMS)


@router.put("/v1/plants/{plant_id}/entries/{entry_id}", tags=["ledger"], summary="Record what was fed, went out or was produced")
async def put_entry(
    request: Request, plant_id: IdInPath, entry_id: IdInPath, body: EntryBody, session: Transaction, principal: Operator
) -> EntryAnswer:
    return await ledger.put_entry(session, principal, plant_id, entry_id, body, zone_of(request))


@router.get(
    "/v1/plants/{plant_id}/ledger", tags=["ledger"], summary="A plant's days", response_model=Page[LedgerAnswer], responses=FILES
)
async def get_ledger(
    request: Request,
    plant_id: IdInPath,
    session: Transaction,
    principal: Auditor,
    day: Day,
    days: Annotated[int, Query(ge=1, le=366)] = 1,
    shape: Shape = "json",
) -> Any:
    """`days` days that end with `day`."""
    items = await ledger.days(session, principal, plant_id, day - timedelta(days=days - 1), day)
    if shape == "json":
        return Page(items=items)
    return download(exports.ledger_file(plant_id, items, shape, zone_of(request)))
