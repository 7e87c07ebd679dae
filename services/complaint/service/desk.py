"""What the hotline's desk does beside the steps: take a call, look at contact data, keep photos, note followers."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.encryption import ContactEncryption
from services.complaint.schemas.complaints import ComplaintAnswer, ComplaintBody, PhotoAnswer
from services.complaint.schemas.contacts import ContactAnswer, ContactBody, LookAnswer, LookBody, LooksAnswer
from services.complaint.service import cases, intake, workflow
from services.complaint.service.queries import answer
from services.complaint.service.terms import calendar, terms_of
from services.complaint.service.workflow import require_sight
from services.complaint.store import cases as store
from services.complaint.store import people
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.photos import Photo
from shared.vocabulary import ComplaintStep

TOLD = ("channel", "description", "address", "lon", "lat", "requested_at")
"""What of a complaint nobody but an editor changes."""
OF_CASE = ("channel", "category", "urgency", "description", "address", "lon", "lat", "district_id", "requested_at", "is_public")


async def take(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, body: ComplaintBody, zone: ZoneInfo
) -> ComplaintAnswer:
    said = {name: value for name, value in body.model_dump(include=set(OF_CASE)).items() if value is not None}
    said["channel"] = body.channel.value
    contact = body.contact.model_dump(exclude_none=True) if body.contact else None
    work, new = await intake.take_in(session, encryption, zone, principal.token_id, said, contact or None, body.client_id)
    if not new:
        row = require_sight(principal, work.row)
        await _require_same(session, row, said)
        return answer(row, now())
    await workflow.do(session, principal, work, body.steps)
    return answer(await cases.save(session, work, new=True), now())


async def _require_same(session: AsyncSession, row: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Conflict when another complaint comes under the `client_id` of this case; a case that was edited is not compared."""
    if any(event["step"] == ComplaintStep.EDIT for event in await store.history(session, row["case_id"])):
        return
    if any(row[name] != said[name] for name in TOLD if name in said):
        detail = "another complaint has this client_id; give this one its own, or edit that case"
        raise Conflict(detail, code="case_exists")


async def look_at_contact(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str, body: LookBody
) -> ContactAnswer:
    """Unmasked, and written down: who, when and why."""
    require_sight(principal, await store.case(session, case_id))
    look = {"look_id": new_id(), "case_id": case_id, "actor": principal.token_id, "at": now()}
    await people.add_look(session, look | body.model_dump())
    opened = [(row["follows"], encryption.decrypt(row["sealed"])) for row in await people.contacts(session, case_id)]
    own = [contact for follows, contact in opened if not follows]
    return ContactAnswer(contact=own[0] if own else None, followers=[contact for follows, contact in opened if follows])


async def looks(session: AsyncSession, case_id: str) -> LooksAnswer:
    return LooksAnswer(items=[LookAnswer.model_validate(look) for look in await people.looks(session, case_id)])


async def follow(
    session: AsyncSession, principal: Principal, encryption: ContactEncryption, case_id: str, contact: ContactBody, zone: ZoneInfo
) -> ComplaintAnswer:
    """One more person waits for the answer; the same person again changes nothing."""
    row = require_sight(principal, (await store.locked(session, [case_id])).get(case_id))
    if row["closed_at"] is not None:
        raise Conflict("the case is over; file a new one", code="over")
    before = len(await people.contacts(session, case_id))
    await intake.add_contact(session, encryption, case_id, contact.model_dump(exclude_none=True), follows=True)
    if len(await people.contacts(session, case_id)) > before:
        work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), principal.token_id)
        row["followers"] += 1
        work.log("follow")
        row = await cases.save(session, work)
    return answer(row, now())


async def add_photo(session: AsyncSession, principal: Principal, case_id: str, photo: Photo) -> PhotoAnswer:
    row = require_sight(principal, (await store.locked(session, [case_id])).get(case_id))
    return await keep_photo(session, row, photo)


async def keep_photo(session: AsyncSession, row: dict[str, Any], photo: Photo) -> PhotoAnswer:
    held = await people.photo_ids(session, row["case_id"])
    most = reference.intake_rules(row["received_at"]).most_photos
    if photo.photo_id not in held and len(held) >= most:
        raise Conflict(f"a case holds at most {most} photos", code="too_many_photos")
    told = {"photo_id": photo.photo_id, "width_px": photo.width_px, "height_px": photo.height_px}
    await people.add_photo(session, told | {"case_id": row["case_id"], "jpeg": photo.jpeg, "received_at": now()})
    return PhotoAnswer.model_validate(told)


async def photo(session: AsyncSession, principal: Principal, case_id: str, photo_id: str) -> bytes:
    require_sight(principal, await store.case(session, case_id))
    jpeg = await people.photo(session, case_id, photo_id)
    if jpeg is None:
        raise NotFound("no such photo")
    return jpeg
