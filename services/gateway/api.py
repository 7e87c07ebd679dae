"""Endpoints of the gateway."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway.schemas import (
    City,
    CredentialAnswer,
    CredentialBody,
    DistrictImport,
    DistrictImportAnswer,
    Districts,
    VehicleDetail,
)
from services.gateway.service import districts, drilldown, live, view
from services.gateway.service.live import Console
from shared.auth import SCOPES, Principal, TokenSigner, allow
from shared.bodies import ID_PATTERN, Code
from shared.clock import now, service_day
from shared.db import Transaction
from shared.errors import PROBLEMS, Invalid
from shared.vocabulary import Role

router = APIRouter(responses=PROBLEMS)

Viewer = Annotated[Principal, allow(Role.DISPATCHER)]
Admin = Annotated[Principal, allow()]


def _box(
    box: Annotated[str | None, Query(max_length=100, description="west,south,east,north in degrees")] = None,
) -> live.Box | None:
    return live.read_box(box)


@router.get("/v1/city", tags=["city"], summary="The whole city, now")
async def get_city(request: Request, session: Transaction, principal: Viewer, district_id: Code | None = None) -> City:
    """Never fails whole: each part says `as_of` and whether it is stale."""
    zone = request.app.state.resources.settings.zone
    return await view.city(session, view.scope_of(principal, district_id), zone)


@router.get(
    "/v1/city/live", tags=["city"], summary="The city, live (server-sent events)", response_class=EventSourceResponse
)  # fmt: skip
async def follow_city(
    request: Request, principal: Viewer, district_id: Code | None = None,
    box: Annotated[live.Box | None, Depends(_box)] = None,
    stops: Annotated[bool, Query(description="also today's stops and their verdicts")] = False,
    last_event_id: Annotated[str | None, Header(max_length=30)] = None,
) -> AsyncIterator[ServerSentEvent]:  # fmt: skip
    """A `snapshot`, then `change` events, two a second at most. Reconnect with `Last-Event-ID` to get what was missed."""
    seq = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0
    console = Console(view.scope_of(principal, district_id), box, stops, seq, set())
    async for step in live.follow(request.app.state.resources, principal, console):
        yield ServerSentEvent(raw_data=step.changes.model_dump_json(), event=step.event, id=str(step.seq))


@router.get("/v1/city/vehicles/{vehicle_id}", tags=["city"], summary="A vehicle, its runs today and its alerts")
async def get_vehicle_detail(request: Request, vehicle_id: Annotated[str, Path(pattern=ID_PATTERN)], _: Viewer) -> VehicleDetail:
    """Asks the services; one that is silent is named in `missing` and its part is null."""
    state = request.app.state
    day = service_day(now(), state.resources.settings.zone)
    token = request.headers["authorization"].partition(" ")[2]
    return await drilldown.vehicle_detail(state.vehicle_api, state.route_api, token, vehicle_id, day)


@router.get("/v1/districts", tags=["districts"], summary="Districts as GeoJSON")
async def get_districts(session: Transaction, principal: Viewer) -> Districts:
    return await districts.districts(session, view.scope_of(principal, None))


@router.post("/v1/district-imports", tags=["districts"], summary="Create or update districts from GeoJSON")
async def import_districts(body: DistrictImport, session: Transaction, _: Admin) -> DistrictImportAnswer:
    """WGS-84; districts that are not in the file stay as they are."""
    return await districts.import_districts(session, body)


@router.post("/v1/credentials", tags=["credentials"], summary="Issue a bearer token")
async def issue_credential(request: Request, body: CredentialBody, _: Admin) -> CredentialAnswer:
    """The token is shown once and stored nowhere."""
    if body.role is Role.DEVICE and not body.vehicle_ids:
        raise Invalid("a device token must name its vehicles in vehicle_ids")
    signer: TokenSigner = request.app.state.signer
    scope = {name: getattr(body, name) for name in SCOPES}
    token, expires_at = signer.issue(body.role, timedelta(seconds=body.ttl_seconds), **scope)
    return CredentialAnswer(token=token, expires_at=expires_at)
