"""Endpoints of figures, hot spots, problem lists and imports."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from services.complaint.api.access import Admin, Reader
from services.complaint.domain.figures import Period
from services.complaint.domain.filters import CaseFilters
from services.complaint.schemas.figures import (
    ComplaintImport,
    FiguresAnswer,
    GroupBy,
    ImportAnswer,
    ProblemList,
    SpotsAnswer,
)
from services.complaint.service import figures, imports
from shared.bodies import Code, Day
from shared.db import Transaction
from shared.endpoints import download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES, Format
from shared.tables_in.request import file_body, imported
from shared.vocabulary import Channel

router = APIRouter(responses=PROBLEMS, tags=["figures"])
Shape = Annotated[Literal["json"] | Format, Query(alias="format")]
First = Annotated[Day, Query(alias="from")]
Last = Annotated[Day, Query(alias="to")]


@router.get(
    "/v1/complaint-figures",
    summary="Rates and counts, against the period and the year before",
    response_model=FiguresAnswer,
    responses=FILES,
)
async def get_figures(
    request: Request,
    session: Transaction,
    principal: Reader,
    first: First,
    last: Last,
    by: GroupBy = "district",
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    category: Code | None = None,
    channel: Channel | None = None,
    shape: Shape = "json",
) -> Any:
    """Days of the report in the city's own time, both included."""
    zone = request.app.state.resources.settings.zone
    filters = CaseFilters(
        district_id=district_id, contractor_id=contractor_id, categories=(category,) if category else None, channel=channel
    )
    answer = await figures.figures(session, principal, Period(first, last), by, filters, zone)
    return answer if shape == "json" else download(figures.figures_file(answer, shape, zone))


@router.get("/v1/complaint-hot-spots", summary="Places with many complaints, and with the same one again and again")
async def get_hot_spots(
    request: Request, session: Transaction, principal: Reader, first: First, last: Last, district_id: Code | None = None
) -> SpotsAnswer:
    zone = request.app.state.resources.settings.zone
    return await figures.hot_spots(session, principal, Period(first, last), CaseFilters(district_id=district_id), zone)


@router.get("/v1/problem-lists", summary="A week's problems by subdistrict", response_model=ProblemList, responses=FILES)
async def get_problem_list(
    request: Request,
    session: Transaction,
    principal: Reader,
    week: Annotated[str, Query(max_length=10)],
    district_id: Code | None = None,
    shape: Shape = "json",
) -> Any:
    zone = request.app.state.resources.settings.zone
    answer = await figures.problem_list(session, principal, week, CaseFilters(district_id=district_id), zone)
    return answer if shape == "json" else download(figures.problems_file(answer, shape, zone))


@router.post(
    "/v1/complaint-imports",
    summary="Bring in another city's service requests",
    openapi_extra=file_body(ComplaintImport, "requests"),
)
async def import_requests(
    _: Admin, body: Annotated[ComplaintImport, imported(ComplaintImport, "requests")], session: Transaction
) -> ImportAnswer:
    """Every one is stored, a duplicate, or rejected with its reason. Imported cases have no clocks and tell nobody."""
    return await imports.import_requests(session, body)
