"""Endpoints: which plant takes which load."""

from fastapi import APIRouter, Request

from services.incinerator.api.access import Operator, Planner, Reader, zone_of
from services.incinerator.schemas.intake import PlanAnswer, PlanBody, QuotaAnswer, QuotaBody
from services.incinerator.service import dispatch_plans
from shared.bodies import Day
from shared.db import Transaction
from shared.endpoints import IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.put("/v1/plants/{plant_id}/quota", tags=["dispatch"], summary="How much a plant takes a day")
async def put_quota(plant_id: IdInPath, body: QuotaBody, session: Transaction, principal: Operator) -> QuotaAnswer:
    return await dispatch_plans.put_quota(session, principal, plant_id, body)


@router.post("/v1/dispatch-plans", tags=["dispatch"], summary="Say which plant takes which load of a day")
async def make_plan(request: Request, body: PlanBody, session: Transaction, principal: Planner) -> PlanAnswer:
    """A load that its first plant has no room for goes to the next of its plants; a new plan replaces the one before."""
    return await dispatch_plans.make_plan(session, principal, body, zone_of(request))


@router.get("/v1/dispatch-plans/{day}", tags=["dispatch"], summary="A day's plan")
async def get_plan(day: Day, session: Transaction, principal: Reader) -> PlanAnswer:
    return await dispatch_plans.get_plan(session, principal, day)
