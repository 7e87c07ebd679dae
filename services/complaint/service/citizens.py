"""Open311 GeoReport v2: what citizens and their clients may ask, file and see."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain import georeport as rules
from services.complaint.domain.cases import Case, Report
from services.complaint.domain.categories import Category
from services.complaint.domain.contacts import Contact
from services.complaint.domain.filters import CaseFilters
from services.complaint.domain.intake import without_personal
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.contacts import ContactBody
from services.complaint.schemas.fields import MOST_CHARACTERS, Said
from services.complaint.schemas.open311 import (
    AttributeAnswer,
    DefinitionAnswer,
    DiscoveryAnswer,
    EndpointAnswer,
    ExtendedAttributes,
    ExtendedRequest,
    FiledAnswer,
    RequestAnswer,
    ServiceAnswer,
    StepNote,
    TokenAnswer,
)
from services.complaint.service import cases, desk, intake
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.auth import Principal
from shared.clock import now
from shared.errors import BadRequest, NotFound
from shared.labels import LABELS
from shared.photos import Photo
from shared.vocabulary import Channel

MOST_PAGES = 1_000_000
MOMENTS = ("start_date", "end_date", "updated_after", "updated_before")
OF_CONTACT = ("phone", "email", "account_id")
TEXT: TypeAdapter[str] = TypeAdapter(Said)


# --- services ---------------------------------------------------------------------------------------------------


def services() -> list[ServiceAnswer]:
    categories = rulebooks.CATEGORIES.at(now())
    return [_service(category, categories.groups[category.group]) for category in categories.by_code().values()]


def _service(category: Category, group: Sequence[str]) -> ServiceAnswer:
    name = f"{category.zh} / {category.en}"
    return ServiceAnswer(
        service_code=category.code,
        service_name=name,
        description=name,
        metadata=bool(category.attributes),
        type="realtime",
        keywords=",".join(category.keywords),
        group=" / ".join(group),
    )


def definition(code: str) -> DefinitionAnswer:
    category = rulebooks.category(code, now())
    if category is None:
        raise NotFound("service_code not found; GET services lists them")
    attributes = [AttributeAnswer.model_validate(attribute) for attribute in category.attributes]
    return DefinitionAnswer(service_code=code, attributes=attributes)


def discovery(url: str) -> DiscoveryAnswer:
    changed = rulebooks.CATEGORIES.at(now()).valid_from.isoformat() + "T00:00:00Z"
    endpoint = EndpointAnswer(
        specification="http://wiki.open311.org/GeoReport_v2",
        url=f"{url}/open311/v2",
        type="production",
        changeset=changed,
        formats=["text/xml", "application/json"],
    )
    return DiscoveryAnswer(
        changeset=changed,
        contact="12345",
        key_service="`sanitation credentials issue --role citizen`",
        endpoints=[endpoint],
    )


def require_jurisdiction(ours: str | None, asked: str | None) -> None:
    if asked and ours and asked != ours:
        raise NotFound(f"jurisdiction_id {asked} is not served here")


# --- requests ---------------------------------------------------------------------------------------------------


async def requests(session: AsyncSession, query: Mapping[str, str], zone: ZoneInfo, url: str) -> list[RequestAnswer]:
    """Public ones, newest first. By ids alone, or of at most 90 days; `page`, `page_size` beyond the first 1,000."""
    at = now()
    try:
        filters = _filters(query, zone, at)
        size = min(max(int(query.get("page_size") or rules.MOST), 1), rules.MOST)
        page = min(max(int(query.get("page") or 1), 1), MOST_PAGES)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"a filter cannot be read: {error}") from error
    shown = await store.page(session, None, filters, at, None, size, (page - 1) * size)
    return [await _shown(session, case, query.get("extensions") == "true", url) for case in shown]


def _filters(query: Mapping[str, str], zone: ZoneInfo, at: datetime) -> CaseFilters:
    if ids := rules.codes(query.get("service_request_id")):
        return CaseFilters(case_ids=tuple(ids))
    asked = {name: rules.moment(query[name], zone) for name in MOMENTS if query.get(name)}
    begin, until = asked.get("start_date"), asked.get("end_date")
    start = begin or ((until or at) - rules.SPAN)
    end = until or max(start + rules.SPAN, start if begin else at + timedelta(days=1))
    return CaseFilters(
        start=start,
        end=min(end, start + rules.SPAN + timedelta(days=1)),
        updated_from=asked.get("updated_after"),
        updated_to=asked.get("updated_before"),
        categories=tuple(rules.codes(query.get("service_code"))) or None,
        open=rules.statuses(query.get("status")),
    )


async def request(session: AsyncSession, case_id: str, extensions: bool, url: str) -> list[RequestAnswer]:
    case = await store.case(session, case_id)
    if case is None or not case.is_public:
        raise NotFound("service_request_id not found")
    return [await _shown(session, case, extensions, url)]


async def token(session: AsyncSession, code: str) -> list[TokenAnswer]:
    """A request is filed at once, so its token is its id."""
    if await store.case(session, code) is None:
        raise NotFound("token not found")
    return [TokenAnswer(service_request_id=code, token=code)]


async def _shown(session: AsyncSession, case: Case, extensions: bool, url: str) -> RequestAnswer:
    """What the public sees: places rounded, texts without numbers that reach a person, no name of a truck or a desk."""
    intake_rules, category = rulebooks.INTAKE_RULES.at(case.received_at), cases.category_of(case)
    decimals = intake_rules.public_decimals
    shown = RequestAnswer(
        service_request_id=case.case_id,
        status="open" if case.is_open else "closed",
        status_notes=without_personal(case.reply) if case.reply else " / ".join(LABELS[case.status]),
        service_name=f"{category.zh} / {category.en}" if category else None,
        service_code=case.category,
        description=without_personal(case.description) if intake_rules.public_text else None,
        agency_responsible=case.handler_district_id,
        requested_datetime=case.requested_at.isoformat(),
        updated_datetime=case.changed_at.isoformat(),
        expected_datetime=case.due_at.isoformat() if case.due_at else None,
        address=without_personal(case.address) if case.address else None,
        address_id=case.address_id,
        lat=None if case.lat is None else round(case.lat, decimals),
        long=None if case.lon is None else round(case.lon, decimals),
        media_url=await _photo_url(session, case, url),
    )
    return await _extended(session, case, shown) if extensions else shown


OWN_PHOTO = "own"
"""In `media_url`: what the citizen sent is a photo of ours, and is public."""


async def _photo_url(session: AsyncSession, case: Case, url: str) -> str | None:
    photos = await people.photo_ids(session, case.case_id) if case.media_url == OWN_PHOTO else []
    return f"{url}/open311/v2/photos/{case.case_id}/{photos[0]}.jpg" if photos else None


async def _extended(session: AsyncSession, case: Case, shown: RequestAnswer) -> ExtendedRequest:
    notes = [
        StepNote(
            datetime=event.at.isoformat(),
            type=event.step,
            status=event.status.value,
            summary=" / ".join(LABELS[event.status]),
        )
        for event in await store.history(session, case.case_id)
    ]
    attributes = ExtendedAttributes(matter_code=case.matter_code, channel=case.channel.value)
    return ExtendedRequest.describing(shown, notes=notes, extended_attributes=attributes)


async def public_photo(session: AsyncSession, case_id: str, photo_id: str) -> bytes:
    case = await store.case(session, case_id)
    shown = case is not None and case.is_public and case.media_url == OWN_PHOTO
    jpeg = await people.photo(session, case_id, photo_id) if shown else None
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
) -> list[FiledAnswer]:
    """A service request; an address or both lat and long must say where."""
    code = form.get("service_code")
    if not code:
        raise BadRequest("service_code was not provided")
    category = rulebooks.category(code, now())
    if category is None:
        raise NotFound(f"service_code {code[:64]} was not found; GET services lists them")
    report = _report(form, category, photo)
    work = await intake.take_in(session, encryption, zone, principal.token_id, report, _contact(form))
    case = await cases.save(session, work)
    if photo is not None:
        await desk.save_photo(session, case, photo)
    notice = f"预计 {case.due_at.astimezone(zone):%Y-%m-%d %H:%M} 前办结 / to be dealt with by then" if case.due_at else ""
    account = form.get("account_id") or None
    return [FiledAnswer(service_request_id=case.case_id, service_notice=notice, account_id=account)]


def _report(form: Mapping[str, str], category: Category, photo: Photo | None) -> Report:
    lon, lat, address = _place(form)
    return Report(
        channel=Channel.OPEN311,
        category=category.code,
        is_public=form.get("is_public") != "false",
        lon=lon,
        lat=lat,
        address=address,
        description=_text(form, category),
        attributes=_attributes(form, category),
        address_id=form.get("address_id") or None,
        media_url=OWN_PHOTO if photo is not None else None,
    )


def _place(form: Mapping[str, str]) -> tuple[float | None, float | None, str | None]:
    """lon, lat and address."""
    address = form.get("address_string") or form.get("address") or None
    lat, lon = form.get("lat"), form.get("long")
    if not (lat and lon) and not address and not form.get("address_id"):
        raise BadRequest("say where: lat and long (WGS-84), or address_string")
    try:
        place = (float(lon), float(lat)) if lat and lon else (None, None)
    except ValueError as error:
        raise BadRequest("lat and long are decimal degrees (WGS-84)") from error
    return (*place, _checked(address)[:500] if address else None)


def _text(form: Mapping[str, str], category: Category) -> str:
    return _checked(form.get("description") or f"{category.zh} / {category.en}")


def _checked(text: str) -> str:
    try:
        return TEXT.validate_python(text)
    except ValidationError as error:
        raise BadRequest(f"a text has 1 to {MOST_CHARACTERS} characters and no control characters") from error


def _attributes(form: Mapping[str, str], category: Category) -> dict[str, str]:
    """attribute[code]=value, of those that the service defines; 400 where one that is required is missing or unknown."""
    answers = {}
    for attribute in category.attributes:
        value = form.get(f"attribute[{attribute.code}]")
        if not value:
            if attribute.required:
                raise BadRequest(f"attribute[{attribute.code}] is required")
            continue
        if attribute.values and value not in {choice.key for choice in attribute.values}:
            raise BadRequest(f"attribute[{attribute.code}] is none of its values")
        answers[attribute.code] = value
    return answers


def _contact(form: Mapping[str, str]) -> Contact | None:
    """Names and ways to reach somebody; what is no phone number or mail address is not worth a refusal of the whole."""
    named = {name: form[name].strip() for name in OF_CONTACT if form.get(name, "").strip()}
    if name := " ".join(part for part in (form.get("first_name"), form.get("last_name")) if part):
        named |= {"name": name[:200]}
    valid: dict[str, str] = {}
    for key, value in named.items():
        try:
            valid |= ContactBody.model_validate({key: value}).model_dump(exclude_none=True)
        except ValidationError:
            continue
    return Contact.of(valid) if valid else None
