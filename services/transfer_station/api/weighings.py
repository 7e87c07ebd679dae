"""Endpoints: weighings of other systems."""

from typing import Annotated

from fastapi import APIRouter

from services.transfer_station.api.access import Admin
from services.transfer_station.schemas.weighings import WeighingAnswer, WeighingImport, WeighingImportAnswer
from services.transfer_station.service import weighings
from shared.auth import Principal, allow
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInQuery
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported
from shared.vocabulary import Role, WasteStream

router = APIRouter(responses=PROBLEMS)


@router.post(
    "/v1/weighing-imports",
    tags=["weighings"],
    summary="Bring in weighings of another system",
    openapi_extra=file_body(WeighingImport),
)
async def import_weighings(
    _: Admin, body: Annotated[WeighingImport, imported(WeighingImport)], session: Transaction
) -> WeighingImportAnswer:
    """Every row is stored, a duplicate, or rejected with its reason; the weights of the three add up to the file's."""
    return await weighings.import_weighings(session, body)


@router.get("/v1/weighings", tags=["weighings"], summary="Imported weighings, newest first")
async def list_weighings(
    session: Transaction,
    _: Annotated[Principal, allow(Role.AUDITOR)],
    source: IdInQuery = None,
    stream: WasteStream | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[WeighingAnswer]:
    return await weighings.list_weighings(session, source, stream, cursor, limit)
