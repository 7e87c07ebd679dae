"""Endpoints: the waste data platform: flows and quotas."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.gateway.api.access import Admin, Shape, Viewer, ViewerOfDistricts
from services.gateway.domain.periods import Grain
from services.gateway.schemas.flows import By, FlowsAnswer, QuotaAnswer, QuotaBody, Stage
from services.gateway.service import exports, platform, view
from shared.bodies import Code, Day
from shared.clock import now, service_day
from shared.db import Transaction
from shared.endpoints import download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES
from shared.vocabulary import WasteStream

router = APIRouter(responses=PROBLEMS)


@router.get(
    "/v1/flows", tags=["platform"], summary="Tons by stream, place and period", response_model=FlowsAnswer, responses=FILES
)
async def get_flows(
    request: Request,
    session: Transaction,
    principal: Viewer,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to")],
    stage: Stage = "lifted",
    grain: Grain = "month",
    by: By = "stream",
    district_id: Code | None = None,
    kind: Shape = "json",
) -> Any:
    """Shares, growth against the period before and the year before, and the recovery rate; late data is in it at once."""
    answer = await platform.flows(session, view.scope_of(principal, district_id), stage, grain, by, first, last)
    if kind == "json":
        return answer
    return download(exports.flows_file(answer, kind, request.app.state.resources.settings.zone))


@router.put("/v1/districts/{district_id}/quota", tags=["platform"], summary="What a district may send in a month")
async def set_quota(request: Request, session: Transaction, _: Admin, district_id: Code, body: QuotaBody) -> QuotaAnswer:
    return await platform.set_quota(session, district_id, body, service_day(now(), request.app.state.resources.settings.zone))


@router.get("/v1/quotas", tags=["platform"], summary="Quotas of a month, how much is used, where the month will end")
async def list_quotas(
    request: Request,
    session: Transaction,
    principal: ViewerOfDistricts,
    month: Day | None = None,
    stream: WasteStream | None = None,
) -> list[QuotaAnswer]:
    today = service_day(now(), request.app.state.resources.settings.zone)
    return list(await platform.of_month(session, view.scope_of(principal, None), month or today, today, stream))
