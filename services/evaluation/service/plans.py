"""Places, seeded plans, checklists."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain import sampling
from services.evaluation.schemas.inspections import ChecklistsAnswer, PlaceAnswer, PlaceBody, PlanAnswer, PlanBody, PlanItemAnswer
from services.evaluation.service import periods
from services.evaluation.store import inspections as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import city_day, now
from shared.errors import Conflict, Invalid, NotFound


async def put_place(session: AsyncSession, place_id: str, body: PlaceBody) -> PlaceAnswer:
    known = {one["place_type"] for one in reference.checklists(city_day(now())).checklists.values()}
    if body.place_type not in known:
        raise Invalid(f"no checklist is for {body.place_type}; place types are {', '.join(sorted(known))}")
    row = body.model_dump() | {"place_id": place_id}
    await store.put_place(session, row | {"changed_at": now()})
    return PlaceAnswer.model_validate(row)


def answer(row: dict[str, object]) -> PlaceAnswer:
    return PlaceAnswer.model_validate({name: row[name] for name in PlaceAnswer.model_fields})


async def list_places(
    session: AsyncSession, principal: Principal, area_id: str | None, cursor: str | None, limit: int
) -> Page[PlaceAnswer]:
    [after] = decode_cursor(cursor, str) or ("",)
    rows = await store.list_places(session, principal.scope, area_id, after, limit + 1)
    more = len(rows) > limit
    return Page(
        items=[answer(row) for row in rows[:limit]], next_cursor=encode_cursor(rows[limit - 1]["place_id"]) if more else None
    )


async def draw(session: AsyncSession, principal: Principal, plan_id: str, body: PlanBody) -> PlanAnswer:
    """Drawn once: asked again with the same wish it is the same plan, with another one a Conflict."""
    held = await store.plan(session, plan_id)
    wish = body.model_dump() | {"period": periods.month(body.period)}
    if held is not None:
        if any(held[name] != value for name, value in wish.items()):
            raise Conflict("this plan is drawn; draw another one under a new id")
        return await get_plan(session, principal, plan_id)
    places = [sampling.Candidate(*one) for one in await store.active_places(session)]
    drawn = sampling.draw(body.seed, places, body.per_type, body.inspectors)
    items = [one._asdict() | {"plan_id": plan_id} for one in drawn]
    await store.add_plan(session, wish | {"plan_id": plan_id, "drawn_at": now()}, items)
    return await get_plan(session, principal, plan_id)


async def get_plan(session: AsyncSession, principal: Principal, plan_id: str) -> PlanAnswer:
    """One bound to districts sees what was drawn in them."""
    row = await store.plan(session, plan_id)
    if row is None:
        raise NotFound("no such plan")
    drawn = await store.plan_items(session, plan_id)
    items = [PlanItemAnswer.model_validate(one) for one in drawn if principal.sees(district_id=one["area_id"])]
    return PlanAnswer.model_validate(row | {"items": items})


def checklists() -> ChecklistsAnswer:
    version = reference.checklists(city_day(now()))
    return ChecklistsAnswer(version=version.valid_from, source=version.source, checklists=dict(version.checklists))
