"""Inspections as they come: in batches, late, again; each is stored once and is an observation of its area."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation import reference
from services.evaluation.domain import checklists as rules
from services.evaluation.schemas.inspections import BatchAnswer, BatchItem, InspectionAnswer, InspectionBody, VoidBody
from services.evaluation.service import observations, periods, rectifications
from services.evaluation.service.observations import Posted
from services.evaluation.store import index as index_store
from services.evaluation.store import inspections as store
from shared.assessment import RectificationStatus
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import NotFound, described
from shared.ids import derived_id
from shared.times import doubt

AHEAD = timedelta(minutes=10)
"""A handheld's clock may be so far ahead."""
CURSOR = (datetime, str)
Row = dict[str, Any]


async def take(
    session: AsyncSession,
    principal: Principal,
    source: str,
    person: str,
    given: Sequence[Row],
    zone: ZoneInfo,
    signed: Row | None = None,
) -> BatchAnswer:
    """Every item has its answer. An item that came before is a duplicate; another one under its `client_id` is refused."""
    await index_store.next_seq(session)  # two uploads of the same items wait for each other
    bodies = [_read(one) for one in given]
    read = [body for body in bodies if isinstance(body, InspectionBody)]
    places = await store.places(session, {body.place_id for body in read})
    places = {key: row for key, row in places.items() if principal.sees(district_id=row["area_id"])}
    held = await store.inspections(session, {_id(source, body.client_id) for body in read})
    items: list[BatchItem] = []
    rows: dict[str, Row] = {}
    for body, raw in zip(bodies, given, strict=True):
        if isinstance(body, str):
            client_id = raw.get("client_id")
            items.append(BatchItem(client_id=client_id if isinstance(client_id, str) else None, status="rejected", detail=body))
            continue
        inspection_id = _id(source, body.client_id)
        if known := held.get(inspection_id) or rows.get(inspection_id):
            items.append(_item(body, "duplicate", known) if _is_same(body, known) else _taken(body))
            continue
        if wrong := _wrong(body, places.get(body.place_id), zone):
            items.append(BatchItem(client_id=body.client_id, status="rejected", detail=wrong))
            continue
        row = _row(inspection_id, source, person, body, places[body.place_id], zone) | (signed or {})
        rows[inspection_id] = row
        items.append(_item(body, "stored", row))
    await store.add_inspections(session, list(rows.values()))
    await observations.post(session, {f"inspection:{key}": _posted(row, places, zone) for key, row in rows.items()})
    for row in rows.values():
        await rectifications.open_all(session, row, _failed(row), places[row["place_id"]]["contractor_id"], zone)
    count = {status: sum(item.status == status for item in items) for status in ("stored", "duplicate", "rejected")}
    return BatchAnswer(stored=count["stored"], duplicates=count["duplicate"], rejected=count["rejected"], items=items)


def _item(body: InspectionBody, status: Literal["stored", "duplicate"], row: Row) -> BatchItem:
    """Of a duplicate, too: whoever lost the first answer still has the photos of the findings."""
    found = [rectifications.finding_id(row["inspection_id"], item["code"]) for item in _failed(row)]
    return BatchItem(
        client_id=body.client_id, status=status, inspection_id=row["inspection_id"], score_e4=row["score_e4"], finding_ids=found
    )


def _is_same(body: InspectionBody, row: Row) -> bool:
    return all(row[name] == value for name, value in body.model_dump().items())


def _taken(body: InspectionBody) -> BatchItem:
    detail = "another inspection has this client_id; give this one its own, or void that one"
    return BatchItem(client_id=body.client_id, status="rejected", detail=detail)


def _read(given: Row) -> InspectionBody | str:
    try:
        return InspectionBody.model_validate(given)
    except ValidationError as error:
        return "; ".join(f"{one['at']}: {one['detail']}" for one in described(list(error.errors()), 5))


def _id(source: str, client_id: str) -> str:
    return derived_id("inspection", source, client_id)


def _wrong(body: InspectionBody, place: Row | None, zone: ZoneInfo) -> str | None:
    if place is None:
        return "no such place"
    if body.at > now() + AHEAD:
        return "the inspection lies in the future; look at the handheld's clock"
    if doubt(body.at, now()) == "past_time":
        return "the inspection lies too far back to be believed; look at the handheld's clock"
    checklist = reference.checklists(service_day(body.at, zone)).checklists.get(body.checklist)
    if checklist is None:
        return "no such checklist on that day"
    if checklist["place_type"] != place["place_type"]:
        return f"this checklist is for {checklist['place_type']}, the place is of type {place['place_type']}"
    return rules.wrong_answers(checklist, body.answers)


def _row(inspection_id: str, source: str, person: str, body: InspectionBody, place: Row, zone: ZoneInfo) -> Row:
    version = reference.checklists(service_day(body.at, zone))
    return body.model_dump() | {
        "inspection_id": inspection_id,
        "source": source,
        "person": person,
        "area_id": place["area_id"],
        "rules_from": version.valid_from,
        "score_e4": rules.score(version.checklists[body.checklist], body.answers),
        "received_at": now(),
        "evaluator_id": None,
        "batch_sha256": None,
    }


def _checklist(row: Row) -> Any:
    return reference.checklists(row["rules_from"]).checklists[row["checklist"]]


def _failed(row: Row) -> Sequence[Any]:
    return rules.failed(_checklist(row), row["answers"])


def _posted(row: Row, places: dict[str, Row], zone: ZoneInfo) -> Posted:
    return Posted(
        period=periods.month_of(row["at"], zone),
        area_id=row["area_id"],
        at=row["at"],
        values={f"site:{places[row['place_id']]['place_type']}": row["score_e4"]},
        href=f"/v1/inspections/{row['inspection_id']}",
        detail={"checklist": row["checklist"], "checklist_version": row["rules_from"].isoformat(), "answers": row["answers"]},
    )


async def void(
    session: AsyncSession, principal: Principal, inspection_id: str, body: VoidBody, zone: ZoneInfo
) -> InspectionAnswer:
    """It stays on record and counts for nothing; what it found is withdrawn."""
    row = await _inspection(session, principal, inspection_id)
    if row["voided_at"] is None:
        at = now()
        row |= {"voided_at": at, "void_reason": body.reason}
        await store.void(session, inspection_id, at, body.reason)
        await observations.post(session, {f"inspection:{inspection_id}": None})
        for finding in await store.findings_of(session, inspection_id):
            await rectifications.change(
                session, finding, {"status": RectificationStatus.WITHDRAWN}, body.reason, principal.token_id, zone
            )
    return InspectionAnswer.model_validate(row)


async def _inspection(session: AsyncSession, principal: Principal, inspection_id: str) -> Row:
    row = (await store.inspections(session, [inspection_id])).get(inspection_id)
    if row is None or not principal.sees(district_id=row["area_id"]):
        raise NotFound("no such inspection")
    return row


async def get(session: AsyncSession, principal: Principal, inspection_id: str) -> InspectionAnswer:
    return InspectionAnswer.model_validate(await _inspection(session, principal, inspection_id))


async def listing(session: AsyncSession, principal: Principal, cursor: str | None, limit: int) -> Page[InspectionAnswer]:
    from_key: Any = decode_cursor(cursor, *CURSOR)
    rows = await store.list_inspections(session, principal.scope, from_key, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [InspectionAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last["at"], last["inspection_id"]) if last else None)
