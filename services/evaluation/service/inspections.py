"""Inspections as they come: in batches, late, again; each is stored once and is an observation of its area."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import rulebooks
from services.evaluation.domain.checklists import ChecklistItem
from services.evaluation.domain.evaluators import Signature
from services.evaluation.domain.inspections import Inspection, Place
from services.evaluation.schemas.inspections import BatchAnswer, BatchItem, InspectionAnswer, InspectionBody, VoidBody
from services.evaluation.service import observations, periods, rectifications
from services.evaluation.service.refusals import refusals
from services.evaluation.store import index as index_store
from services.evaluation.store import inspections as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import NotFound, described
from shared.ids import derived_id
from shared.times import doubt

AHEAD = timedelta(minutes=10)
"""A handheld's clock may be so far ahead."""
CURSOR = (datetime, str)
Unread = dict[str, object]
"""An item as it came: it is read by itself, so that one that does not fit does not hold up the others."""


async def take(
    session: AsyncSession,
    principal: Principal,
    source: str,
    person: str,
    batch: Sequence[Unread],
    zone: ZoneInfo,
    signature: Signature | None = None,
) -> BatchAnswer:
    """Every item has its answer. An item that came before is a duplicate; another one under its `client_id` is refused."""
    await index_store.next_seq(session)  # two uploads of the same items wait for each other
    items = [_read(unread) for unread in batch]
    bodies = [item for item in items if isinstance(item, InspectionBody)]
    places = await store.places(session, {body.place_id for body in bodies})
    places = {key: place for key, place in places.items() if principal.sees(district_id=place.area_id)}
    known = await store.inspections(session, {_id(source, body.client_id) for body in bodies})
    answers: list[BatchItem] = []
    new: dict[str, Inspection] = {}
    for item in items:
        if isinstance(item, BatchItem):
            answers.append(item)
            continue
        inspection_id = _id(source, item.client_id)
        if before := known.get(inspection_id) or new.get(inspection_id):
            answers.append(_answer(item, "duplicate", before) if _is_same(item, before) else _taken(item))
        elif wrong := _wrong(item, places.get(item.place_id), zone):
            answers.append(BatchItem(client_id=item.client_id, status="rejected", detail=wrong))
        else:
            inspection = _inspection(inspection_id, source, person, item, places[item.place_id], zone, signature)
            new[inspection_id] = inspection
            answers.append(_answer(item, "stored", inspection))
    await _store(session, list(new.values()), places, zone)
    return _counted(answers)


def _counted(items: list[BatchItem]) -> BatchAnswer:
    count = {status: sum(item.status == status for item in items) for status in ("stored", "duplicate", "rejected")}
    return BatchAnswer(
        stored=count.get("stored", 0),
        duplicates=count.get("duplicate", 0),
        rejected=count.get("rejected", 0),
        items=items,
    )


async def _store(session: AsyncSession, inspections: Sequence[Inspection], places: Mapping[str, Place], zone: ZoneInfo) -> None:
    """With what they say of their areas, and what they found."""
    await store.add_inspections(session, inspections)
    posted = {
        inspection.fact: inspection.posted(periods.month_of(inspection.at, zone), places[inspection.place_id].place_type)
        for inspection in inspections
    }
    await observations.post(session, posted)
    for inspection in inspections:
        contractor_id = places[inspection.place_id].contractor_id
        await rectifications.open_all(session, inspection, _failed(inspection), contractor_id, zone)


def _answer(body: InspectionBody, status: Literal["stored", "duplicate"], inspection: Inspection) -> BatchItem:
    """Of a duplicate, too: whoever lost the first answer still has the photos of the findings."""
    return BatchItem(
        client_id=body.client_id,
        status=status,
        inspection_id=inspection.inspection_id,
        score_e4=inspection.score_e4,
        finding_ids=[rectifications.finding_id(inspection.inspection_id, item.code) for item in _failed(inspection)],
    )


def _is_same(body: InspectionBody, inspection: Inspection) -> bool:
    return all(getattr(inspection, name) == getattr(body, name) for name in InspectionBody.model_fields)


def _taken(body: InspectionBody) -> BatchItem:
    detail = "another inspection has this client_id; give this one its own, or void that one"
    return BatchItem(client_id=body.client_id, status="rejected", detail=detail)


def _read(unread: Unread) -> InspectionBody | BatchItem:
    """The answer where it cannot be read."""
    try:
        return InspectionBody.model_validate(unread)
    except ValidationError as error:
        detail = "; ".join(f"{one.get('at')}: {one.get('detail')}" for one in described(list(error.errors()), 5))
        client_id = unread.get("client_id")
        return BatchItem(client_id=client_id if isinstance(client_id, str) else None, status="rejected", detail=detail)


def _id(source: str, client_id: str) -> str:
    return derived_id("inspection", source, client_id)


def _wrong(body: InspectionBody, place: Place | None, zone: ZoneInfo) -> str | None:
    if place is None:
        return "no such place"
    if body.at > now() + AHEAD:
        return "the inspection lies in the future; look at the handheld's clock"
    if doubt(body.at, now()) == "past_time":
        return "the inspection lies too far back to be believed; look at the handheld's clock"
    checklist = rulebooks.CHECKLISTS.on(service_day(body.at, zone)).checklists.get(body.checklist)
    if checklist is None:
        return "no such checklist on that day"
    if checklist.place_type != place.place_type:
        return f"this checklist is for {checklist.place_type}, the place is of type {place.place_type}"
    return checklist.wrong_answers(body.answers)


def _inspection(
    inspection_id: str,
    source: str,
    person: str,
    body: InspectionBody,
    place: Place,
    zone: ZoneInfo,
    signature: Signature | None,
) -> Inspection:
    version = rulebooks.CHECKLISTS.on(service_day(body.at, zone))
    return Inspection(
        inspection_id=inspection_id,
        source=source,
        client_id=body.client_id,
        evaluator_id=signature.evaluator_id if signature else None,
        batch_sha256=signature.batch_sha256 if signature else None,
        plan_id=body.plan_id,
        place_id=body.place_id,
        area_id=place.area_id,
        checklist=body.checklist,
        rules_from=version.valid_from,
        answers=body.answers,
        notes=body.notes,
        score_e4=version.checklists[body.checklist].score(body.answers),
        lon=body.lon,
        lat=body.lat,
        person=person,
        at=body.at,
        received_at=now(),
    )


def _failed(inspection: Inspection) -> list[ChecklistItem]:
    checklist = rulebooks.CHECKLISTS.on(inspection.rules_from).checklists[inspection.checklist]
    return checklist.failed(inspection.answers)


async def void(
    session: AsyncSession, principal: Principal, inspection_id: str, body: VoidBody, zone: ZoneInfo
) -> InspectionAnswer:
    """It stays on record and counts for nothing; what it found is withdrawn."""
    inspection = await _seen(session, principal, inspection_id)
    if inspection.voided_at is None:
        with refusals():
            inspection = inspection.voided(body.reason, now())
        await store.save_void(session, inspection)
        await observations.post(session, {inspection.fact: None})
        await rectifications.withdraw_all(session, inspection, body.reason, principal.token_id, zone)
    return InspectionAnswer.model_validate(inspection)


async def _seen(session: AsyncSession, principal: Principal, inspection_id: str) -> Inspection:
    inspection = (await store.inspections(session, [inspection_id])).get(inspection_id)
    if inspection is None or not principal.sees(district_id=inspection.area_id):
        raise NotFound("no such inspection")
    return inspection


async def get(session: AsyncSession, principal: Principal, inspection_id: str) -> InspectionAnswer:
    return InspectionAnswer.model_validate(await _seen(session, principal, inspection_id))


async def listing(session: AsyncSession, principal: Principal, cursor: str | None, limit: int) -> Page[InspectionAnswer]:
    after: Any = decode_cursor(cursor, *CURSOR)
    inspections = await store.list_inspections(session, principal.scope, after, limit + 1)
    last = inspections[limit - 1] if len(inspections) > limit else None
    items = [InspectionAnswer.model_validate(inspection) for inspection in inspections[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last.at, last.inspection_id) if last else None)
