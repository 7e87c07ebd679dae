"""A complaint comes in."""

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case, Report
from services.complaint.domain.contacts import Contact, SealedContact
from services.complaint.domain.work import Work
from services.complaint.encryption import ContactEncryption
from services.complaint.service.cases import refusals
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.clock import now
from shared.errors import Invalid
from shared.ids import derived_id, new_id


async def known_case(session: AsyncSession, actor: str, client_id: str | None) -> Case | None:
    """What came in before under the `client_id` of this sender; locked."""
    if client_id is None:
        return None
    case_id = derived_id("case", actor, client_id)
    return (await store.locked(session, [case_id])).get(case_id)


async def take_in(
    session: AsyncSession,
    encryption: ContactEncryption,
    zone: ZoneInfo,
    actor: str,
    report: Report,
    contact: Contact | None,
    client_id: str | None = None,
) -> Work:
    """The case, begun but not saved."""
    at = now()
    category = rulebooks.category(report.category, at)
    if category is None:
        detail = f"there is no category {report.category}; GET /v1/complaint-rules lists them"
        raise Invalid(detail, code="unknown_category")
    case_id = derived_id("case", actor, client_id) if client_id else new_id()
    with refusals():
        boxes = rulebooks.INTAKE_RULES.at(at).boxes
        case = Case.received(report, category, case_id, at, boxes, has_contact=contact is not None)
    work = Work.on_new(case, terms_of(case, await calendar(session), zone), actor, at)
    if contact is not None:
        await add_contact(session, encryption, case_id, contact, follows=False)
    return work


async def add_contact(
    session: AsyncSession, encryption: ContactEncryption, case_id: str, contact: Contact, *, follows: bool
) -> None:
    """The same person follows a case once."""
    sealed = SealedContact(
        contact_id=derived_id("contact", case_id, encryption.digest(contact.mark)),
        case_id=case_id,
        follows=follows,
        sealed=encryption.encrypt(contact.known()),
        added_at=now(),
    )
    await people.add_contact(session, sealed)
