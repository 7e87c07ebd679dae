"""How much a plant takes a day, and which plant takes which load."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.intake import DispatchPlan, Load, Quota, dispatch
from services.incinerator.schemas.intake import PlanAnswer, PlanBody, QuotaAnswer, QuotaBody
from services.incinerator.service.scope import require_plant
from services.incinerator.store import intake as store
from services.incinerator.store import plants
from shared.auth import Principal
from shared.clock import day_bounds, now
from shared.errors import Invalid, NotFound
from shared.scope import Scope


async def put_quota(session: AsyncSession, principal: Principal, plant_id: str, body: QuotaBody) -> QuotaAnswer:
    """Plans made from now on follow it."""
    await require_plant(session, principal, plant_id)
    quota = Quota(plant_id=plant_id, kg_a_day=body.kg_a_day, changed_at=now())
    await store.save_quota(session, quota)
    return QuotaAnswer.model_validate(quota)


async def make_plan(session: AsyncSession, principal: Principal, body: PlanBody, zone: ZoneInfo) -> PlanAnswer:
    """What a plant has weighed in that day already is taken off its quota."""
    known = {plant.plant_id for plant in await plants.plants(session, Scope())}
    if unknown := {one for load in body.loads for one in load.plant_ids} - known:
        raise Invalid(f"no such plant: {', '.join(sorted(unknown))}")
    if len({load.load_id for load in body.loads}) < len(body.loads):
        raise Invalid("a load_id stands in loads twice")
    start, end = day_bounds(body.day, zone)
    room_kg = {}
    for quota in await store.quotas(session):
        taken = sum(net for _, net in await store.intake_between(session, quota.plant_id, start, end))
        room_kg[quota.plant_id] = max(quota.kg_a_day - taken, 0)
    placed = dispatch([Load(load.load_id, load.kg, tuple(load.plant_ids)) for load in body.loads], room_kg)
    before = await store.plan(session, body.day)
    plan = DispatchPlan(
        day=body.day,
        revision=before.revision + 1 if before else 1,
        loads=tuple(placed),
        made_by=principal.token_id,
        made_at=now(),
    )
    await store.save_plan(session, plan)
    return PlanAnswer.model_validate(plan)


async def get_plan(session: AsyncSession, principal: Principal, day: date) -> PlanAnswer:
    """One bound to plants sees the loads that come to these."""
    plan = await store.plan(session, day)
    if plan is None:
        raise NotFound("no plan of that day")
    seen = tuple(load for load in plan.loads if principal.sees(station_id=load.plant_id))
    return PlanAnswer.model_validate(replace(plan, loads=seen))
