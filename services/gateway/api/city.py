"""Endpoints: the whole city, now and live."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway.api.access import Viewer
from services.gateway.schemas.city import Changes, City, VehicleDetail
from services.gateway.service import drilldown, live, view
from services.gateway.service.live import Console
from shared.bodies import Code
from shared.clock import now, service_day
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


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
    responses={200: {"model": Changes, "description": "`data` of each event."}},
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
    """A `snapshot`, then a `change` every 0.4 seconds at most. Reconnect with `Last-Event-ID` to get what was missed."""
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
