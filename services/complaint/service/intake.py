"""A complaint comes in."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import casework
from services.complaint.domain.intake import is_within
from services.complaint.domain.similarity import cell_of, grams
from services.complaint.encryption import ContactEncryption
from services.complaint.service import cases
from services.complaint.service.cases import Work
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.clock import now
from shared.errors import Invalid
from shared.ids import derived_id, new_id

Row = dict[str, Any]
EMPTY: Row = {
    "revision": 0,
    "source": None,
    "source_id": None,
    "their_category": None,
    "attributes": {},
    "address": None,
    "address_id": None,
    "lon": None,
    "lat": None,
    "district_id": None,
    "is_public": False,
    "media_url": None,
    "status": "received",
    "before_join": None,
    "main_id": None,
    "handler_district_id": None,
    "contractor_id": None,
    "closed_at": None,
    "yellow_at": None,
    "due_at": None,
    "level": 0,
    "round": 1,
    "pressed": 0,
    "returned": 0,
    "contacted_in_time": None,
    "resolved_in_time": None,
    "solved": None,
    "satisfaction": None,
    "reply": None,
    "extension": None,
    "evidence": None,
    "evidence_at": None,
    "evidence_wanted_at": None,
    "proposed_zh": None,
    "proposed_en": None,
    "order": None,
    "followers": 0,
    "is_main": False,
    "events": 0,
}


def blank(said: Row, at: datetime) -> Row:
    """The row of a new case, checked: `said` has channel, category, description, urgency and whatever else is known."""
    category = reference.category(said["category"], at)
    if category is None:
        raise Invalid(f"there is no category {said['category']}; GET /v1/complaint-rules lists them", code="unknown_category")
    row = EMPTY | {"attributes": {}, "requested_at": at} | {name: value for name, value in said.items() if value is not None}
    row |= {"received_at": at, "changed_at": at, "matter_code": category.matter_code, "has_contact": False}
    row["urgency"] = row.get("urgency") or category.urgency
    if row["requested_at"] > at:
        raise Invalid("`requested_at` lies in the future", code="in_the_future")
    place(row)
    return row


def place(row: Row, *, must_be_here: bool = True) -> None:
    """Where it is, for lists and maps; Invalid outside the city."""
    lon, lat = row["lon"], row["lat"]
    if (lon is None) != (lat is None):
        raise Invalid("send both lon and lat, or neither", code="half_a_place")
    if lon is not None and must_be_here and not is_within(lon, lat, reference.intake_rules(row["received_at"]).boxes):
        raise Invalid("the place lies outside the city; look at lon and lat (WGS-84)", code="outside_the_city")
    row["cell"] = None if lon is None else cell_of(lon, lat)
    row["grams"] = " ".join(grams(f"{row['description']} {row['address'] or ''}"))


def wants_evidence(row: Row) -> bool:
    category = reference.category(row["category"], row["received_at"])
    return category is not None and category.task is not None and row["lon"] is not None


async def take_in(
    session: AsyncSession,
    encryption: ContactEncryption,
    zone: ZoneInfo,
    actor: str,
    said: Row,
    contact: dict[str, str | None] | None,
    client_id: str | None = None,
) -> tuple[Work, bool]:
    """The case, begun but not saved, and whether it is new: the same `client_id` of the same sender is the same case."""
    at = now()
    case_id = derived_id("case", actor, client_id) if client_id else new_id()
    if client_id is not None:
        held = (await store.locked(session, [case_id])).get(case_id)
        if held is not None:
            return await cases.work_on(session, held, terms_of(held, {}, zone), actor), False
    row = blank(said, at) | {"case_id": case_id, "has_contact": bool(contact)}
    terms = terms_of(row, await calendar(session), zone)
    done = casework.begin(row["has_contact"], at, terms)
    row["evidence_wanted_at"] = at if wants_evidence(row) else None
    work = Work(row, done.standing, terms, at, actor, {})
    work.log("receive", done.changes)
    if contact:
        await add_contact(session, encryption, case_id, contact, follows=False)
    return work, True


async def add_contact(
    session: AsyncSession, encryption: ContactEncryption, case_id: str, contact: dict[str, str | None], *, follows: bool
) -> None:
    """The same person follows a case once."""
    mark = encryption.digest("\x1f".join(str(contact.get(name) or "") for name in ("phone", "email", "account_id", "name")))
    row = {"contact_id": derived_id("contact", case_id, mark), "case_id": case_id, "follows": follows}
    await people.add_contact(session, row | {"sealed": encryption.encrypt(contact), "added_at": now()})
