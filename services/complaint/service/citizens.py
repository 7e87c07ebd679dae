"""Open311 GeoReport v2: what citizens and their clients may ask, file and see."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import georeport as rules
from services.complaint.domain.categories import Category
from services.complaint.domain.intake import without_personal
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.contacts import ContactBody
from services.complaint.schemas.fields import MOST_CHARACTERS, Said
from services.complaint.service import cases, desk, intake
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.auth import Principal
from shared.clock import now
from shared.errors import BadRequest, NotFound
from shared.labels import LABELS
from shared.photos import Photo
from shared.vocabulary import Channel

Row = dict[str, Any]
MOST_PAGES = 1_000_000
OF_CONTACT = ("phone", "email", "account_id")
TEXT: TypeAdapter[str] = TypeAdapter(Said)


# --- services ---------------------------------------------------------------------------------------------------


def services() -> list[dict[str, Any]]:
    at = now()
    groups = reference.categories(at).groups
    return [_service(category, groups) for category in reference.categories(at).by_code().values()]


def _service(category: Category, groups: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service_code": category.code,
        "service_name": f"{category.zh} / {category.en}",
        "description": f"{category.zh} / {category.en}",
        "metadata": bool(category.attributes),
        "type": "realtime",
        "keywords": ",".join(category.keywords),
        "group": " / ".join(groups[category.group]),
    }


def definition(code: str) -> dict[str, Any]:
    category = reference.category(code, now())
    if category is None:
        raise NotFound("service_code not found; GET services lists them")
    return {"service_code": code, "attributes": [dict(attribute) for attribute in category.attributes]}


def discovery(url: str) -> dict[str, Any]:
    formats = ["text/xml", "application/json"]
    endpoint = {"specification": "http://wiki.open311.org/GeoReport_v2", "url": f"{url}/open311/v2", "type": "production"}
    changed = reference.categories(now()).valid_from.isoformat() + "T00:00:00Z"
    return {
        "changeset": changed,
        "contact": "12345",
        "key_service": "`sanitation credentials issue --role citizen`",
        "endpoints": [endpoint | {"changeset": changed, "formats": formats}],
    }


def require_jurisdiction(ours: str | None, asked: str | None) -> None:
    if asked and ours and asked != ours:
        raise NotFound(f"jurisdiction_id {asked} is not served here")


# --- requests ---------------------------------------------------------------------------------------------------


async def requests(session: AsyncSession, query: Mapping[str, str], zone: ZoneInfo, url: str) -> list[dict[str, Any]]:
    """Public ones, newest first. By ids alone, or of at most 90 days; `page`, `page_size` beyond the first 1,000."""
    at = now()
    try:
        filters = _filters(query, zone, at)
        size = min(max(int(query.get("page_size") or rules.MOST), 1), rules.MOST)
        page = min(max(int(query.get("page") or 1), 1), MOST_PAGES)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"a filter cannot be read: {error}") from error
    rows = await store.page(session, None, filters, at, None, size, (page - 1) * size)
    return [await _shown(session, row, query.get("extensions") == "true", url) for row in rows]


def _filters(query: Mapping[str, str], zone: ZoneInfo, at: datetime) -> Row:
    if ids := rules.codes(query.get("service_request_id")):
        return {"case_id": ids}
    filters: Row = {}
    start, end = (query.get(name) for name in ("start_date", "end_date"))
    begin = rules.moment(start, zone) if start else None
    until = rules.moment(end, zone) if end else None
    filters["start"] = begin or ((until or at) - rules.SPAN)
    filters["end"] = until or max(filters["start"] + rules.SPAN, at + timedelta(days=1) if not start else filters["start"])
    filters["end"] = min(filters["end"], filters["start"] + rules.SPAN + timedelta(days=1))
    for name, key in (("updated_after", "updated_from"), ("updated_before", "updated_to")):
        if query.get(name):
            filters[key] = rules.moment(query[name], zone)
    if categories := rules.codes(query.get("service_code")):
        filters["category"] = categories
    is_open = rules.statuses(query.get("status"))
    return filters if is_open is None else filters | {"open": is_open}


async def request(session: AsyncSession, case_id: str, extensions: bool, url: str) -> list[dict[str, Any]]:
    row = await store.case(session, case_id)
    if row is None or not row["is_public"]:
        raise NotFound("service_request_id not found")
    return [await _shown(session, row, extensions, url)]


async def token(session: AsyncSession, given: str) -> list[dict[str, str]]:
    """A request is filed at once, so its token is its id."""
    row = await store.case(session, given)
    if row is None:
        raise NotFound("token not found")
    return [{"service_request_id": given, "token": given}]


async def _shown(session: AsyncSession, row: Row, extensions: bool, url: str) -> dict[str, Any]:
    """What the public sees: places rounded, texts without numbers that reach a person, no name of a truck or a desk."""
    intake_rules = reference.intake_rules(row["received_at"])
    category = reference.category(row["category"], row["received_at"])
    zh, en = LABELS[row["status"]]
    place = {name: None if row[name] is None else round(row[name], intake_rules.public_decimals) for name in ("lat", "lon")}
    shown = {
        "service_request_id": row["case_id"],
        "status": "open" if row["closed_at"] is None else "closed",
        "status_notes": without_personal(row["reply"]) if row["reply"] else f"{zh} / {en}",
        "service_name": f"{category.zh} / {category.en}" if category else None,
        "service_code": row["category"],
        "description": without_personal(row["description"]) if intake_rules.public_text else None,
        "agency_responsible": row["handler_district_id"],
        "service_notice": None,
        "requested_datetime": row["requested_at"].isoformat(),
        "updated_datetime": row["changed_at"].isoformat(),
        "expected_datetime": row["due_at"].isoformat() if row["due_at"] else None,
        "address": without_personal(row["address"]) if row["address"] else None,
        "address_id": row["address_id"],
        "zipcode": None,
        "lat": place["lat"],
        "long": place["lon"],
        "media_url": row["media_url"],
    }
    photos = await people.photo_ids(session, row["case_id"]) if row["media_url"] == OWN_PHOTO else []
    shown["media_url"] = f"{url}/open311/v2/photos/{row['case_id']}/{photos[0]}.jpg" if photos else None
    return shown | (await _extended(session, row) if extensions else {})


OWN_PHOTO = "own"
"""In `media_url`: what the citizen sent is a photo of ours, and is public."""


async def _extended(session: AsyncSession, row: Row) -> dict[str, Any]:
    """`extensions=true`: what happened when, in words of the workflow, and the codes behind the category."""
    steps = [
        {
            "datetime": event["at"].isoformat(),
            "type": event["step"],
            "status": event["status"],
            "summary": " / ".join(LABELS[event["status"]]),
        }
        for event in await store.history(session, row["case_id"])
    ]
    return {"notes": steps, "extended_attributes": {"matter_code": row["matter_code"], "channel": row["channel"]}}


async def public_photo(session: AsyncSession, case_id: str, photo_id: str) -> bytes:
    row = await store.case(session, case_id)
    jpeg = await people.photo(session, case_id, photo_id) if row and row["is_public"] and row["media_url"] == OWN_PHOTO else None
    if jpeg is None:
        raise NotFound("no such photo")
    return jpeg


# --- filing -----------------------------------------------------------------------------------------------------


async def file(
    session: AsyncSession,
    principal: Principal,
    encryption: ContactEncryption,
    form: Mapping[str, str],
    photo: Photo | None,
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """A service request; an address or both lat and long must say where."""
    if not form.get("service_code"):
        raise BadRequest("service_code was not provided")
    category = reference.category(form["service_code"], now())
    if category is None:
        raise NotFound(f"service_code {form['service_code'][:64]} was not found; GET services lists them")
    said: Row = {"channel": Channel.OPEN311.value, "category": category.code}
    said["is_public"] = form.get("is_public") != "false"
    said |= _place(form) | {"description": _text(form, category), "attributes": _attributes(form, category)}
    said["address_id"] = form.get("address_id") or None
    if photo is not None:
        said["media_url"] = OWN_PHOTO
    work, _ = await intake.take_in(session, encryption, zone, principal.token_id, said, _contact(form))
    row = await cases.save(session, work, new=True)
    if photo is not None:
        await desk.keep_photo(session, row, photo)
    notice = f"预计 {row['due_at'].astimezone(zone):%Y-%m-%d %H:%M} 前办结 / to be dealt with by then" if row["due_at"] else ""
    account = form.get("account_id") or None
    return [{"service_request_id": row["case_id"], "service_notice": notice, "account_id": account}]


def _place(form: Mapping[str, str]) -> Row:
    address = form.get("address_string") or form.get("address") or None
    lat, lon = form.get("lat"), form.get("long")
    if not (lat and lon) and not address and not form.get("address_id"):
        raise BadRequest("say where: lat and long (WGS-84), or address_string")
    try:
        place = {"lon": float(lon), "lat": float(lat)} if lat and lon else {}
    except ValueError as error:
        raise BadRequest("lat and long are decimal degrees (WGS-84)") from error
    return place | {"address": _checked(address)[:500] if address else None}


def _text(form: Mapping[str, str], category: Category) -> str:
    return _checked(form.get("description") or f"{category.zh} / {category.en}")


def _checked(text: str) -> str:
    try:
        return TEXT.validate_python(text)
    except ValidationError as error:
        raise BadRequest(f"a text has 1 to {MOST_CHARACTERS} characters and no control characters") from error


def _attributes(form: Mapping[str, str], category: Category) -> dict[str, str]:
    """attribute[code]=value, of those that the service defines; 400 where one that is required is missing or unknown."""
    found = {}
    for attribute in category.attributes:
        value = form.get(f"attribute[{attribute['code']}]")
        if not value:
            if attribute["required"]:
                raise BadRequest(f"attribute[{attribute['code']}] is required")
            continue
        if attribute["values"] and value not in {one["key"] for one in attribute["values"]}:
            raise BadRequest(f"attribute[{attribute['code']}] is none of its values")
        found[attribute["code"]] = value
    return found


def _contact(form: Mapping[str, str]) -> dict[str, str | None] | None:
    """Names and ways to reach somebody; what is no phone number or mail address is not worth a refusal of the whole."""
    said = {name: form[name].strip() for name in OF_CONTACT if form.get(name, "").strip()}
    if name := " ".join(part for part in (form.get("first_name"), form.get("last_name")) if part):
        said["name"] = name[:200]
    kept: dict[str, str | None] = {}
    for key, value in said.items():
        try:
            kept |= ContactBody.model_validate({key: value}).model_dump(exclude_none=True)
        except ValidationError:
            continue
    return kept or None
