"""What the hotline's desk does beside the steps: take a call, look at contact data, keep photos, note followers."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case, Report
from services.complaint.domain.contacts import Contact, ContactLook
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.complaints import ComplaintAnswer, ComplaintBody, PhotoAnswer
from services.complaint.schemas.contacts import ContactAnswer, ContactBody, LookAnswer, LookBody, LooksAnswer
from services.complaint.service import cases, intake, workflow
from services.complaint.service.cases import refusals, require_sight
from services.complaint.service.queries import answer
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.photos import Photo
from shared.vocabulary import ComplaintStep


async def take(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, body: ComplaintBody, zone: ZoneInfo
) -> ComplaintAnswer:
    report = _report(body)
    known = await intake.known_case(session, principal.token_id, body.client_id)
    if known is not None:
        await _require_same(session, require_sight(principal, known), report)
        return answer(known, now())
    contact = contact_of(body.contact) if body.contact else None
    work = await intake.take_in(session, encryption, zone, principal.token_id, report, contact, body.client_id)
    work = await workflow.do(session, principal, work, body.steps)
    return answer(await cases.save(session, work), now())


def _report(body: ComplaintBody) -> Report:
    return Report(
        channel=body.channel,
        category=body.category,
        urgency=body.urgency,
        description=body.description,
        address=body.address,
        lon=body.lon,
        lat=body.lat,
        district_id=body.district_id,
        requested_at=body.requested_at,
        is_public=body.is_public,
    )


def contact_of(body: ContactBody) -> Contact | None:
    """None when it says nothing of the person."""
    contact = Contact(name=body.name, phone=body.phone, email=body.email, account_id=body.account_id)
    return contact if contact.known() else None


async def _require_same(session: AsyncSession, case: Case, report: Report) -> None:
    """Conflict when another complaint comes under the `client_id` of this case; a case that was edited is not compared."""
    if any(event.step == ComplaintStep.EDIT for event in await store.history(session, case.case_id)):
        return
    if not case.repeats(report):
        detail = "another complaint has this client_id; give this one its own, or edit that case"
        raise Conflict(detail, code="case_exists")


async def look_at_contact(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str, body: LookBody
) -> ContactAnswer:
    """Unmasked, and written down: who, when and why."""
    await cases.get(session, principal, case_id)
    look = ContactLook(
        look_id=new_id(),
        case_id=case_id,
        actor=principal.token_id,
        person=body.person,
        reason=body.reason,
        at=now(),
    )
    await people.add_look(session, look)
    contacts = [(one.follows, encryption.decrypt(one.sealed)) for one in await people.contacts(session, case_id)]
    own = [contact for follows, contact in contacts if not follows]
    return ContactAnswer(contact=own[0] if own else None, followers=[contact for follows, contact in contacts if follows])


async def looks(session: AsyncSession, case_id: str) -> LooksAnswer:
    return LooksAnswer(items=[LookAnswer.model_validate(look) for look in await people.looks(session, case_id)])


async def follow(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str, body: ContactBody, zone: ZoneInfo
) -> ComplaintAnswer:
    """One more person waits for the answer; the same person again changes nothing."""
    case = await cases.lock(session, principal, case_id)
    with refusals():
        followed = case.followed()
    before = len(await people.contacts(session, case_id))
    contact = contact_of(body) or Contact()
    await intake.add_contact(session, encryption, case_id, contact, follows=True)
    if len(await people.contacts(session, case_id)) > before:
        work = await cases.work_on(session, case, zone, principal.token_id)
        case = await cases.save(session, work.with_case(followed).log("follow"))
    return answer(case, now())


async def add_photo(session: AsyncSession, principal: Principal, case_id: str, photo: Photo) -> PhotoAnswer:
    return await save_photo(session, await cases.lock(session, principal, case_id), photo)


async def save_photo(session: AsyncSession, case: Case, photo: Photo) -> PhotoAnswer:
    most = rulebooks.INTAKE_RULES.at(case.received_at).most_photos
    with refusals():
        case.require_room_for_photo(photo.photo_id, await people.photo_ids(session, case.case_id), most)
    await people.add_photo(session, case.case_id, photo, now())
    return PhotoAnswer.model_validate(photo)


async def photo(session: AsyncSession, principal: Principal, case_id: str, photo_id: str) -> bytes:
    await cases.get(session, principal, case_id)
    jpeg = await people.photo(session, case_id, photo_id)
    if jpeg is None:
        raise NotFound("no such photo")
    return jpeg
