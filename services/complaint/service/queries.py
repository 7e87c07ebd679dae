"""Looking at complaints: one, a list, a map, what may be the same."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain.clocks import colour_at
from services.complaint.domain.intake import masked_contact
from services.complaint.domain.similarity import cell_count, cells_in, grams, score, similarity
from services.complaint.domain.workflow import steps_from
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.complaints import ComplaintAnswer, ComplaintDetail, DuplicateAnswer, DuplicatesAnswer, MapAnswer
from services.complaint.schemas.rules import CategoryAnswer, RulesAnswer
from services.complaint.service.cases import missed_stops
from services.complaint.service.workflow import require_sight
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import BadRequest
from shared.geo import METRES_PER_DEGREE, flat_m
from shared.vocabulary import ComplaintStatus

Row = dict[str, Any]
MOST_CELLS = 400
MOST_ON_MAP = 2000
CANDIDATES = 300
SHOWN_DUPLICATES = 20


def answer(row: Row, at: datetime) -> ComplaintAnswer:
    return ComplaintAnswer.model_validate(_shown(row, at))


def _shown(row: Row, at: datetime) -> Row:
    category = reference.category(row["category"], row["received_at"])
    names = {"category_zh": category.zh, "category_en": category.en} if category else {"category_zh": "", "category_en": ""}
    colour = colour_at(at, row["yellow_at"], row["due_at"]) if row["due_at"] and row["yellow_at"] else None
    return row | names | {"colour": colour}


async def list_complaints(
    session: AsyncSession, principal: Principal, filters: Row, words: str | None, cursor: str | None, limit: int
) -> Page[ComplaintAnswer]:
    """Newest first."""
    at = now()
    if words:
        pairs = grams(words)
        if not pairs:
            raise BadRequest("search for at least two letters or characters")
        filters = filters | {"grams": pairs}
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page(session, principal, filters, at, (key[0], key[1]) if key else None, limit + 1)
    items = [answer(row, at) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.requested_at.isoformat(), last.case_id))


async def get_complaint(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str
) -> ComplaintDetail:
    row, at = require_sight(principal, await store.case(session, case_id)), now()
    contacts = [one for one in await people.contacts(session, case_id) if not one["follows"]]
    clocks = await store.clocks(session, case_id)
    return ComplaintDetail.model_validate(
        _shown(row, at)
        | {
            "contact": masked_contact(encryption.decrypt(contacts[0]["sealed"])) if contacts else None,
            "clocks": [clock | {"colour": _colour(clock, at)} for clock in clocks],
            "history": await store.history(session, case_id),
            "steps": [step.value for step in steps_from(ComplaintStatus(row["status"]))],
            "missed_stop_ids": missed_stops(row),
            "joined_ids": await store.joined_to(session, case_id),
            "photo_ids": await people.photo_ids(session, case_id),
        }
    )


def _colour(clock: Row, at: datetime) -> str:
    return colour_at(at, clock["yellow_at"], clock["due_at"], clock["stopped_at"])


async def on_map(
    session: AsyncSession, principal: Principal, box: tuple[float, float, float, float], filters: Mapping[str, Any]
) -> MapAnswer:
    """Open ones unless asked otherwise, within west, south, east, north."""
    west, south, east, north = box
    if not (west < east and south < north):
        raise BadRequest("box is west,south,east,north in degrees")
    at = now()
    where: Row = {"open": True, **filters, "box": box}
    if cell_count(*box) <= MOST_CELLS:
        where["cells"] = cells_in(*box)
    rows = await store.on_map(session, principal, where, at, MOST_ON_MAP + 1)
    return MapAnswer(complete=len(rows) <= MOST_ON_MAP, features=[_feature(row, at) for row in rows[:MOST_ON_MAP]])


def _feature(row: Row, at: datetime) -> Row:
    colour = colour_at(at, row["yellow_at"], row["due_at"]) if row["due_at"] and row["closed_at"] is None else None
    properties = {name: row[name] for name in ("category", "status", "urgency")} | {"colour": colour}
    properties |= {"case_id": row["case_id"], "requested_at": row["requested_at"].isoformat()}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": properties,
    }


# --- duplicates -------------------------------------------------------------------------------------------------


async def duplicates(session: AsyncSession, principal: Principal, case_id: str) -> DuplicatesAnswer:
    """Cases that may be this one: near in place and time, of one group or alike in words, or about the same missed stop."""
    row = require_sight(principal, await store.case(session, case_id))
    missed = missed_stops(row)
    same_stop = {one["case_id"] for one in await store.about_stops(session, missed) if one["missed"]} if missed else set()
    if row["lon"] is None:
        return DuplicatesAnswer(items=[])
    rules = reference.intake_rules(row["received_at"])
    span = timedelta(hours=rules.duplicate_hours)
    margin = rules.duplicate_metres / METRES_PER_DEGREE * 1.5
    cells = cells_in(row["lon"] - margin, row["lat"] - margin, row["lon"] + margin, row["lat"] + margin)
    around = await store.near(session, principal.scope, cells, row["requested_at"] - span, row["requested_at"] + span, CANDIDATES)
    others = [other for other in around if other["case_id"] != case_id and other["lon"] is not None]
    found = [_duplicate(row, other, rules, other["case_id"] in same_stop) for other in others]
    kept = [
        one
        for one in found
        if one.same_missed_stop or (one.metres <= rules.duplicate_metres and one.score >= rules.duplicate_likeness)
    ]
    kept.sort(key=lambda one: (-one.same_missed_stop, -one.score, one.case_id))
    return DuplicatesAnswer(items=kept[:SHOWN_DUPLICATES])


def _duplicate(row: Row, other: Row, rules: Any, same_stop: bool) -> DuplicateAnswer:
    metres = flat_m(row["lon"], row["lat"], other["lon"], other["lat"])
    hours = abs((row["requested_at"] - other["requested_at"]).total_seconds()) / 3600
    alike = similarity(row["description"], other["description"])
    same = row["category"] == other["category"]
    points = score(metres, rules.duplicate_metres, hours, rules.duplicate_hours, same, alike)
    return DuplicateAnswer.model_validate(
        other
        | {
            "score": points,
            "metres": round(metres, 1),
            "hours": round(hours, 2),
            "likeness": round(alike, 3),
            "same_missed_stop": same_stop,
        }
    )


def rules_now() -> RulesAnswer:
    at = now()
    by_code = reference.categories(at).by_code().values()
    clock_rules, intake = reference.clock_rules(at), reference.intake_rules(at)
    return RulesAnswer(
        categories=[CategoryAnswer.model_validate(category) for category in by_code],
        clocks={name: getattr(clock_rules, name) for name in ("source", "work_spans", "yellow_ratio", "limits", "escalations")},
        intake={name: getattr(intake, name) for name in ("source", "boxes", "per_address_minute", "contact_days")},
    )
