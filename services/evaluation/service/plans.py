"""Places, seeded plans, checklists."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain import sampling
from services.evaluation.domain.inspections import Place, Plan, PlanItem, Wish
from services.evaluation.schemas.inspections import (
    ChecklistsAnswer,
    PlaceAnswer,
    PlaceBody,
    PlanAnswer,
    PlanBody,
    PlanItemAnswer,
)
from services.evaluation.service import periods
from services.evaluation.service.refusals import refusals
from services.evaluation.store import inspections as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import city_day, now
from shared.errors import Invalid, NotFound


async def put_place(session: AsyncSession, place_id: str, body: PlaceBody) -> PlaceAnswer:
    known = rulebooks.CHECKLISTS.on(city_day(now())).place_types
    if body.place_type not in known:
        raise Invalid(f"no checklist is for {body.place_type}; place types are {', '.join(known)}")
    place = Place(
        place_id=place_id,
        area_id=body.area_id,
        place_type=body.place_type,
        name=body.name,
        lon=body.lon,
        lat=body.lat,
        contractor_id=body.contractor_id,
        active=body.active,
        facilities=body.facilities,
        service_point_ids=tuple(body.service_point_ids),
        changed_at=now(),
    )
    await store.save_place(session, place)
    return PlaceAnswer.describing(place)


async def list_places(
    session: AsyncSession, principal: Principal, area_id: str | None, cursor: str | None, limit: int
) -> Page[PlaceAnswer]:
    [after] = decode_cursor(cursor, str) or ("",)
    places = await store.list_places(session, principal.scope, area_id, after, limit + 1)
    more = len(places) > limit
    items = [PlaceAnswer.describing(place) for place in places[:limit]]
    return Page(items=items, next_cursor=encode_cursor(places[limit - 1].place_id) if more else None)


async def draw(session: AsyncSession, principal: Principal, plan_id: str, body: PlanBody) -> PlanAnswer:
    """Drawn once: asked again with the same wish it is the same plan, with another one a Conflict."""
    drawn_before = await store.plan(session, plan_id)
    wish = Wish(period=periods.month(body.period), seed=body.seed, per_type=body.per_type, inspectors=tuple(body.inspectors))
    if drawn_before is not None:
        with refusals():
            drawn_before.require_same(wish)
        return await get_plan(session, principal, plan_id)
    drawn = sampling.draw(wish.seed, await store.active_places(session), wish.per_type, wish.inspectors)
    await store.add_plan(session, Plan.drawn(plan_id, wish, now()), [PlanItem.of(plan_id, one) for one in drawn])
    return await get_plan(session, principal, plan_id)


async def get_plan(session: AsyncSession, principal: Principal, plan_id: str) -> PlanAnswer:
    """One bound to districts sees what was drawn in them."""
    plan = await store.plan(session, plan_id)
    if plan is None:
        raise NotFound("no such plan")
    drawn = await store.plan_items(session, plan_id)
    items = [PlanItemAnswer.model_validate(item) for item in drawn if principal.sees(district_id=item.area_id)]
    return PlanAnswer.describing(plan, items=items)


def checklists() -> ChecklistsAnswer:
    version = rulebooks.CHECKLISTS.on(city_day(now()))
    return ChecklistsAnswer.describing(version, version=version.valid_from)
