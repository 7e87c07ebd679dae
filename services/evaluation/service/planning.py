"""Places, seeded plans, checklists, record cards."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.rules import sampling
from services.evaluation.rules.index import UNIT
from services.evaluation.schemas.inspections import (
    ChecklistsAnswer,
    FindingAnswer,
    InspectionAnswer,
    PlaceAnswer,
    PlaceBody,
    PlanAnswer,
    PlanBody,
    PlanItemAnswer,
    RecordCard,
)
from services.evaluation.service import periods
from services.evaluation.store import inspections as store
from shared.assessment import RectificationStatus
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound

CARD_SCORES = 24


async def put_place(session: AsyncSession, place_id: str, body: PlaceBody) -> PlaceAnswer:
    known = {one["place_type"] for one in reference.checklists(now().date()).checklists.values()}
    if body.place_type not in known:
        raise Invalid(f"no checklist is for {body.place_type}; place types are {', '.join(sorted(known))}")
    row = body.model_dump() | {"place_id": place_id}
    await store.put_place(session, row | {"changed_at": now()})
    return PlaceAnswer.model_validate(row)


def _place(row: dict[str, object]) -> PlaceAnswer:
    return PlaceAnswer.model_validate({name: row[name] for name in PlaceAnswer.model_fields})


async def list_places(
    session: AsyncSession, principal: Principal, area_id: str | None, cursor: str | None, limit: int
) -> Page[PlaceAnswer]:
    [after] = decode_cursor(cursor, str) or ("",)
    rows = await store.list_places(session, principal.district_ids, area_id, after, limit + 1)
    more = len(rows) > limit
    return Page(
        items=[_place(row) for row in rows[:limit]], next_cursor=encode_cursor(rows[limit - 1]["place_id"]) if more else None
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
    items = [PlanItemAnswer.model_validate(one) for one in drawn if principal.covers(one["area_id"])]
    return PlanAnswer.model_validate(row | {"items": items})


def checklists() -> ChecklistsAnswer:
    version = reference.checklists(now().date())
    return ChecklistsAnswer(version=version.valid_from, source=version.source, checklists=dict(version.checklists))


async def record_card(session: AsyncSession, principal: Principal, place_id: str) -> RecordCard:
    """Green, yellow or red by the last score; bands and limits are in the checklists' data."""
    place = (await store.places(session, [place_id])).get(place_id)
    if place is None or not principal.covers(place["area_id"]):
        raise NotFound("no such place")
    scores = await store.of_place(session, place_id, CARD_SCORES)
    findings = await store.findings_at(session, place_id)
    version, last = reference.checklists(now().date()), scores[0]["score_e4"] if scores else None
    band = None if last is None else next(name for name, lowest in version.bands if last >= int(lowest) * UNIT)
    waiting = sum(row["status"] in {RectificationStatus.OPEN, RectificationStatus.MENDED} for row in findings)
    return RecordCard.model_validate({
        "place": _place(place), "colour": _colour(last, version.cards), "band": band,
        "scores": [InspectionAnswer.model_validate(row) for row in scores],
        "findings": [FindingAnswer.model_validate(row) for row in findings], "findings_open": waiting,
        "findings_mended": sum(row["status"] == RectificationStatus.PASSED for row in findings),
    })  # fmt: skip


def _colour(score_e4: int | None, cards: Mapping[str, str]) -> str:
    if score_e4 is None:
        return "unknown"
    limits = {name: int(lowest) * UNIT for name, lowest in cards.items()}
    return "red" if score_e4 < limits["red"] else "yellow" if score_e4 < limits["yellow"] else "green"
