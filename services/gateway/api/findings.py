"""Endpoints: where kilograms went missing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from services.gateway.api.access import Shape, Viewer
from services.gateway.domain.findings import FindingFilters
from services.gateway.schemas.balance import ExplainBody, FindingAnswer, FindingDetail
from services.gateway.service import balance, exports, findings, view
from shared.bodies import Day, Id, Limit, Page
from shared.db import Transaction
from shared.endpoints import download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES
from shared.vocabulary import FindingKind, FindingStatus

router = APIRouter(responses=PROBLEMS)


@router.get(
    "/v1/balance/findings",
    tags=["balance"],
    summary="Where kilograms went missing",
    response_model=Page[FindingAnswer],
    responses=FILES,
)
async def list_findings(
    request: Request,
    session: Transaction,
    principal: Viewer,
    status: FindingStatus | None = None,
    kind: FindingKind | None = None,
    day: Day | None = None,
    vehicle_id: Id | None = None,
    shape: Shape = "json",
    cursor: str | None = None,
    limit: Limit = 100,
) -> Any:
    filters = FindingFilters(status=status, kind=kind, day=day, vehicle_id=vehicle_id)
    page = await findings.list_findings(session, view.scope_of(principal, None), filters, cursor, limit)
    if shape == "json":
        return page
    return download(exports.findings_file(page.items, shape, request.app.state.resources.settings.zone))


FindingId = Annotated[str, Path(max_length=200)]


@router.get("/v1/balance/findings/{finding_id}", tags=["balance"], summary="A finding, the weighings behind it, its history")
async def get_finding(session: Transaction, principal: Viewer, finding_id: FindingId) -> FindingDetail:
    return await findings.detail(session, view.scope_of(principal, None), finding_id)


@router.post("/v1/balance/findings/{finding_id}/explain", tags=["balance"], summary="Say why")
async def explain_finding(
    request: Request, session: Transaction, principal: Viewer, finding_id: FindingId, body: ExplainBody
) -> FindingAnswer:
    """The residue carries the cause from then on; later data that changes the difference opens the finding again."""
    return await balance.explain(session, principal, finding_id, body, request.app.state.resources.settings.zone, close=False)


@router.post("/v1/balance/findings/{finding_id}/close", tags=["balance"], summary="Say why, and be done with it")
async def close_finding(
    request: Request, session: Transaction, principal: Viewer, finding_id: FindingId, body: ExplainBody
) -> FindingAnswer:
    return await balance.explain(session, principal, finding_id, body, request.app.state.resources.settings.zone, close=True)
