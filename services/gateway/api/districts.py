"""Endpoints: districts."""

from typing import Annotated

from fastapi import APIRouter

from services.gateway.api.access import Admin, Viewer
from services.gateway.schemas.city import DistrictImport, DistrictImportAnswer, Districts
from services.gateway.service import districts, view
from shared.db import Transaction
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/districts", tags=["districts"], summary="Districts as GeoJSON")
async def get_districts(session: Transaction, principal: Viewer) -> Districts:
    return await districts.districts(session, view.scope_of(principal, None))


@router.post(
    "/v1/district-imports",
    tags=["districts"],
    summary="Create or update districts from GeoJSON",
    openapi_extra=file_body(DistrictImport),
)
async def import_districts(
    _: Admin, body: Annotated[DistrictImport, imported(DistrictImport)], session: Transaction
) -> DistrictImportAnswer:
    """The file itself is the body, or `content` of one; districts that are not in the file stay as they are."""
    return await districts.import_districts(session, body)
