"""Endpoints: road sections and the passes over them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.route.api.access import EvaluatorOfDistricts, Planner
from services.route.domain.coverage.sections import SectionFilters
from services.route.schemas.sections import PassesAnswer, SectionAnswer, SectionImport, SectionImportAnswer, as_geojson
from services.route.service import exports, sections
from shared.bodies import Code, Limit, Page, ServiceDay
from shared.db import Transaction
from shared.endpoints import Cursor, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES, Format
from shared.tables_in.request import file_body, imported

router = APIRouter(responses=PROBLEMS)


RoadLevel = Annotated[int | None, Query(ge=1, le=4)]


@router.post("/v1/section-imports", tags=["sections"], summary="Bring in road sections", openapi_extra=file_body(SectionImport))
async def import_sections(
    principal: Planner, body: Annotated[SectionImport, imported(SectionImport)], session: Transaction
) -> SectionImportAnswer:
    """Streets to be swept, flushed, disinfected or collected from door to door: every feature becomes a section or is named in
    `rejected`. The same file again changes nothing; runs already made keep the lines they have."""
    return await sections.import_sections(session, principal, body)


@router.get(
    "/v1/sections",
    tags=["sections"],
    summary="Road sections",
    response_model=Page[SectionAnswer],
    responses={200: {"content": {"application/geo+json": {}}}},
)
async def list_sections(
    session: Transaction,
    principal: EvaluatorOfDistricts,
    district_id: Code | None = None,
    road_level: RoadLevel = None,
    shape: Annotated[Literal["json", "geojson"], Query(alias="format")] = "json",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Any:
    """A 6-digit district includes its subdistricts."""
    filters = SectionFilters(within_district=district_id, road_level=road_level)
    page = await sections.list_sections(session, principal, filters, cursor, limit)
    return JSONResponse(as_geojson(page), media_type="application/geo+json") if shape == "geojson" else page


@router.get(
    "/v1/sections/passes",
    tags=["sections"],
    summary="Passes over road sections against what their levels ask",
    response_model=Page[PassesAnswer],
    responses=FILES,
)
async def list_passes(
    request: Request,
    session: Transaction,
    principal: EvaluatorOfDistricts,
    service_day: ServiceDay,
    district_id: Code | None = None,
    road_level: RoadLevel = None,
    defects: bool = False,
    cursor: Cursor = None,
    limit: Limit = 100,
    kind: Annotated[Literal["json"] | Format, Query(alias="format")] = "json",
) -> Any:
    """A page holds all tasks of `limit` sections; with `defects=true` only those with too few planned or too few done. A
    spreadsheet holds all."""
    filters = SectionFilters(within_district=district_id, road_level=road_level)
    if kind == "json":
        return await sections.list_passes(session, principal, service_day, filters, defects, cursor, limit)
    items = await sections.all_passes(session, principal, service_day, filters, defects)
    return download(exports.passes_file(items, service_day, kind, request.app.state.resources.settings.zone))
