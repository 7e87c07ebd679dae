"""Endpoints: the mass balance, trips and scales."""

from fastapi import APIRouter, Request

from services.gateway.api.access import Viewer
from services.gateway.domain.weighing import TripFilters
from services.gateway.schemas.balance import BalanceAnswer, ScaleAnswer, TripAnswer
from services.gateway.service import mass, trips, view
from shared.bodies import Code, Day, Id, Limit, Page
from shared.clock import now, service_day
from shared.db import Transaction
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/balance", tags=["balance"], summary="A day's mass balance, from bin to furnace")
async def get_balance(
    request: Request, session: Transaction, principal: Viewer, day: Day | None = None, district_id: Code | None = None
) -> BalanceAnswer:
    """lifted = tipped + on board + residue, by stream, to the kilogram; the same for hauls and stations. Default: today."""
    zone = request.app.state.resources.settings.zone
    return await mass.balance(session, view.scope_of(principal, district_id), day or service_day(now(), zone))


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
    filters = TripFilters(vehicle_id=vehicle_id, site_id=site_id, day=day, residue_name=residue_name)
    return await trips.list_trips(session, view.scope_of(principal, None), filters, cursor, limit)


@router.get("/v1/balance/scales", tags=["balance"], summary="Onboard scales against the weighbridges")
async def list_scales(
    session: Transaction, principal: Viewer, drifts: bool | None = None, cursor: str | None = None, limit: Limit = 100
) -> Page[ScaleAnswer]:
    return await trips.list_scales(session, view.scope_of(principal, None), drifts, cursor, limit)
