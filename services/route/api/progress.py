"""Endpoints: how far the day's runs are."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from services.route.api.access import Evaluator, Reader
from services.route.schemas.progress import GroupBy, ProgressAnswer, RunProgress
from services.route.service import exports, progress
from shared.bodies import ServiceDay
from shared.db import Transaction
from shared.endpoints import IdInPath, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES, Format

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/runs/{run_id}/progress", tags=["progress"], summary="How far a run is, and when it will be done")
async def get_run_progress(run_id: IdInPath, session: Transaction, principal: Reader) -> RunProgress:
    return await progress.of_run(session, principal, run_id)


@router.get(
    "/v1/progress",
    tags=["progress"],
    summary="A day's stops by district, contractor or route",
    response_model=ProgressAnswer,
    responses=FILES,
)
async def get_progress(
    request: Request,
    session: Transaction,
    principal: Evaluator,
    service_day: ServiceDay,
    by: GroupBy = "district",
    kind: Annotated[Literal["json"] | Format, Query(alias="format")] = "json",
) -> Any:
    """How many are done, and how many of these on time; as JSON or as a spreadsheet."""
    answer = await progress.of_day(session, principal, service_day, by)
    return answer if kind == "json" else download(exports.progress_file(answer, kind, request.app.state.resources.settings.zone))
