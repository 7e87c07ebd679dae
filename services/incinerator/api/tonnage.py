"""Endpoints: histories of monthly tonnage."""

from typing import Annotated

from fastapi import APIRouter

from services.incinerator.api.access import Admin
from services.incinerator.schemas.intake import TonnageImport, TonnageReport
from services.incinerator.service import tonnage
from shared.db import Transaction
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported

router = APIRouter(responses=PROBLEMS)


@router.post(
    "/v1/tonnage-imports",
    tags=["ledger"],
    summary="Bring in a history of monthly tonnage",
    openapi_extra=file_body(TonnageImport),
)
async def import_tonnage(
    _: Admin, body: Annotated[TonnageImport, imported(TonnageImport)], session: Transaction
) -> TonnageReport:
    """Every row is stored or named with its reason; the same file again changes nothing."""
    return await tonnage.import_tonnage(session, body)
