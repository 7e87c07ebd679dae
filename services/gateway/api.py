"""Endpoints of the gateway."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway.domain.periods import Grain
from services.gateway.schemas.balance import (
    BalanceAnswer,
    ExplainBody,
    FindingAnswer,
    FindingDetail,
    ScaleAnswer,
    TripAnswer,
)
from services.gateway.schemas.city import (
    City,
    CredentialAnswer,
    CredentialBody,
    DistrictImport,
    DistrictImportAnswer,
    Districts,
    VehicleDetail,
)
from services.gateway.schemas.cleanliness import Cleanliness
from services.gateway.schemas.flows import By, FlowsAnswer, QuotaAnswer, QuotaBody, Stage
from services.gateway.service import (
    balance,
    cleanliness,
    districts,
    drilldown,
    exporting,
    findings,
    live,
    mass,
    platform,
    trips,
    view,
)
from services.gateway.service.live import Console
from shared.assessment import AreaLevel
from shared.auth import Principal, TokenSigner, allow
from shared.bodies import Code, Day, Id, Limit, Page
from shared.clock import now, service_day
from shared.db import Transaction
from shared.endpoints import IdInPath, download
from shared.errors import PROBLEMS
from shared.scope import BINDINGS, CONTRACTORS, DISTRICTS
from shared.spreadsheet import FILES, Format
from shared.tables_in.request import file_body, imported
from shared.vocabulary import FindingKind, FindingStatus, Role, WasteStream

router = APIRouter(responses=PROBLEMS)

Viewer = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
ViewerOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
Admin = Annotated[Principal, allow()]


def _box(
    box: Annotated[str | None, Query(max_length=100, description="west,south,east,north in degrees")] = None,
) -> live.Box | None:
    return live.read_box(box)


def _room_for_a_stream(request: Request) -> None:
    request.app.state.streams.require_room()


@router.get("/v1/city", tags=["city"], summary="The whole city, now")
async def get_city(request: Request, session: Transaction, principal: Viewer, district_id: Code | None = None) -> City:
    """Never fails whole: each part says `as_of` and whether it is stale."""
    zone = request.app.state.resources.settings.zone
    return await view.city(session, view.scope_of(principal, district_id), zone)


@router.get(
    "/v1/city/live",
    tags=["city"],
    summary="The city, live (server-sent events)",
    response_class=EventSourceResponse,
    dependencies=[Depends(_room_for_a_stream)],
)
async def follow_city(
    request: Request,
    principal: Viewer,
    district_id: Code | None = None,
    box: Annotated[live.Box | None, Depends(_box)] = None,
    stops: Annotated[bool, Query(description="also today's stops and their verdicts")] = False,
    last_event_id: Annotated[str | None, Header(max_length=30)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """A `snapshot`, then `change` events, two a second at most. Reconnect with `Last-Event-ID` to get what was missed."""
    seq = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0
    console = Console(view.scope_of(principal, district_id), box, stops, seq, set())
    async for step in live.follow(request.app.state.resources, request.app.state.streams, principal, console):
        yield ServerSentEvent(raw_data=step.changes, event=step.event, id=str(step.seq))
        del step


@router.get("/v1/city/vehicles/{vehicle_id}", tags=["city"], summary="A vehicle, its runs today and its alerts")
async def get_vehicle_detail(request: Request, vehicle_id: IdInPath, _: Viewer) -> VehicleDetail:
    """Asks the services; one that is silent is named in `missing` and its part is null."""
    state = request.app.state
    day = service_day(now(), state.resources.settings.zone)
    token = request.headers["authorization"].partition(" ")[2]
    return await drilldown.vehicle_detail(state.vehicle_api, state.route_api, token, vehicle_id, day)


@router.get("/v1/city/cleanliness", tags=["city"], summary="Index and rank of each area, open findings, deductions")
async def get_cleanliness(
    request: Request,
    session: Transaction,
    principal: Viewer,
    month: Day | None = None,
    level: AreaLevel = AreaLevel.SUBDISTRICT,
    district_id: Code | None = None,
) -> Cleanliness:
    """Published figures only, by their newest revision; `month`: any day of it, by default the newest month published."""
    today = service_day(now(), request.app.state.resources.settings.zone)
    return await cleanliness.of_month(session, view.scope_of(principal, district_id), level, month, today)


# --- the mass balance

Shape = Annotated[Literal["json"] | Format, Query(alias="format")]


@router.get("/v1/balance", tags=["balance"], summary="A day's mass balance, from bin to furnace")
async def get_balance(
    request: Request, session: Transaction, principal: Viewer, day: Day | None = None, district_id: Code | None = None
) -> BalanceAnswer:
    """lifted = tipped + on board + residue, by stream, to the kilogram; the same for hauls and stations. Default: today."""
    zone = request.app.state.resources.settings.zone
    return await mass.balance(session, view.scope_of(principal, district_id), day or service_day(now(), zone))


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
    wanted = {"status": status, "kind": kind, "day": day, "vehicle_id": vehicle_id}
    filters = {name: value for name, value in wanted.items() if value is not None}
    found = await findings.list_findings(session, view.scope_of(principal, None), filters, cursor, limit)
    if shape == "json":
        return found
    return download(exporting.findings_file(found.items, shape, request.app.state.resources.settings.zone))


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


@router.get("/v1/balance/trips", tags=["balance"], summary="Trips: lifted against weighed, newest first")
async def list_trips(
    session: Transaction,
    principal: Viewer,
    vehicle_id: Id | None = None,
    site_id: Id | None = None,
    day: Day | None = None,
    residue_name: Code | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> Page[TripAnswer]:
    wanted = {"vehicle_id": vehicle_id, "site_id": site_id, "day": day, "residue_name": residue_name}
    filters = {name: value for name, value in wanted.items() if value is not None}
    return await trips.list_trips(session, view.scope_of(principal, None), filters, cursor, limit)


@router.get("/v1/balance/scales", tags=["balance"], summary="Onboard scales against the weighbridges")
async def list_scales(
    session: Transaction, principal: Viewer, drifts: bool | None = None, cursor: str | None = None, limit: Limit = 100
) -> Page[ScaleAnswer]:
    return await trips.list_scales(session, view.scope_of(principal, None), drifts, cursor, limit)


# --- the waste data platform


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
    found = await platform.flows(session, view.scope_of(principal, district_id), stage, grain, by, first, last)
    if kind == "json":
        return found
    return download(exporting.flows_file(found, kind, request.app.state.resources.settings.zone))


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


# --- districts, credentials


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


@router.post("/v1/credentials", tags=["credentials"], summary="Issue a bearer token")
async def issue_credential(request: Request, session: Transaction, body: CredentialBody, _: Admin) -> CredentialAnswer:
    """The token is shown once and stored nowhere. 422 for a binding that its role does not honour: vehicles bind a device,
    stations and plants a station_operator, districts a dispatcher, inspector or auditor, contractors a dispatcher."""
    signer: TokenSigner = request.app.state.signer
    await districts.require_known(session, body.district_ids)
    scope = {name: getattr(body, name) for name in BINDINGS}
    token, expires_at = signer.issue(body.role, timedelta(seconds=body.ttl_seconds), **scope)
    return CredentialAnswer(token=token, expires_at=expires_at)
