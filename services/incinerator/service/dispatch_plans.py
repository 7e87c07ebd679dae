"""How much a plant takes a day, and which plant takes which load."""

from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.intake import Load, dispatch
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
    row: dict[str, Any] = {"plant_id": plant_id, "kg_a_day": body.kg_a_day, "changed_at": now()}
    await store.put_quota(session, row)
    return QuotaAnswer.model_validate(row)


async def make_plan(session: AsyncSession, principal: Principal, body: PlanBody, zone: ZoneInfo) -> PlanAnswer:
    """What a plant has weighed in that day already is taken off its quota."""
    known = {plant.plant_id for plant in await plants.plants(session, Scope())}
    if unknown := {one for load in body.loads for one in load.plant_ids} - known:
        raise Invalid(f"no such plant: {', '.join(sorted(unknown))}")
    if len({load.load_id for load in body.loads}) < len(body.loads):
        raise Invalid("a load_id stands in loads twice")
    start, end = day_bounds(body.day, zone)
    room_kg = {}
    for plant_id, quota in (await store.quotas(session)).items():
        taken = sum(net for _, net in await store.intake_between(session, plant_id, start, end))
        room_kg[plant_id] = max(quota.kg_a_day - taken, 0)
    placed = dispatch([Load(load.load_id, load.kg, tuple(load.plant_ids)) for load in body.loads], room_kg)
    before = await store.plan(session, body.day)
    row: dict[str, Any] = {
        "day": body.day,
        "revision": before.revision + 1 if before else 1,
        "loads": [asdict(one) for one in placed],
        "made_by": principal.token_id,
        "made_at": now(),
    }
    await store.put_plan(session, row)
    return PlanAnswer.model_validate(row)


async def get_plan(session: AsyncSession, principal: Principal, day: date) -> PlanAnswer:
    """One bound to plants sees the loads that come to these."""
    found = await store.plan(session, day)
    if found is None:
        raise NotFound("no plan of that day")
    loads = [load for load in found.loads if principal.sees(station_id=load["plant_id"])]
    return PlanAnswer.model_validate(found.model_dump() | {"loads": loads})
