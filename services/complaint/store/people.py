"""Contact data, who looked at it, photos, and how much came from where."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.contacts import ContactLook, SealedContact
from services.complaint.store.filters import CASE
from services.complaint.tables.cases import CasePhoto
from services.complaint.tables.contacts import ContactLookRow, ContactRow, ReportCount
from shared.db import insert_new, merge_rows
from shared.photos import Photo
from shared.rows import columns_of, many, table_of, to_row

CONTACT, LOOK, PHOTO, COUNT = (table_of(table) for table in (ContactRow, ContactLookRow, CasePhoto, ReportCount))


async def add_contact(session: AsyncSession, contact: SealedContact) -> None:
    await insert_new(session, ContactRow, [to_row(contact)])


async def contacts(session: AsyncSession, case_id: str) -> list[SealedContact]:
    query = select(*columns_of(SealedContact, CONTACT)).where(CONTACT.c.case_id == case_id)
    return await many(session, SealedContact, query.order_by(CONTACT.c.follows, CONTACT.c.contact_id))


async def forget_contacts(session: AsyncSession, closed_before: datetime) -> int:
    """Contact data of cases that ended before then."""
    over = select(CASE.c.case_id).where(CASE.c.case_id == CONTACT.c.case_id, CASE.c.closed_at < closed_before).exists()
    return (await session.execute(delete(CONTACT).where(over))).rowcount  # type: ignore[attr-defined,no-any-return]


async def add_look(session: AsyncSession, look: ContactLook) -> None:
    await insert_new(session, ContactLookRow, [to_row(look)])


async def looks(session: AsyncSession, case_id: str) -> list[ContactLook]:
    query = select(*columns_of(ContactLook, LOOK)).where(LOOK.c.case_id == case_id).order_by(LOOK.c.at, LOOK.c.look_id)
    return await many(session, ContactLook, query)


async def add_photo(session: AsyncSession, case_id: str, photo: Photo, received_at: datetime) -> None:
    values = {"photo_id": photo.photo_id, "jpeg": photo.jpeg, "width_px": photo.width_px, "height_px": photo.height_px}
    await insert_new(session, CasePhoto, [values | {"case_id": case_id, "received_at": received_at}])


async def photo_ids(session: AsyncSession, case_id: str) -> list[str]:
    query = select(PHOTO.c.photo_id).where(PHOTO.c.case_id == case_id).order_by(PHOTO.c.received_at, PHOTO.c.photo_id)
    return list((await session.execute(query)).scalars())


async def photo(session: AsyncSession, case_id: str, photo_id: str) -> bytes | None:
    query = select(PHOTO.c.jpeg).where(PHOTO.c.case_id == case_id, PHOTO.c.photo_id == photo_id)
    return (await session.execute(query)).scalar()


async def count_report(session: AsyncSession, sender: str, minute: datetime) -> None:
    await merge_rows(session, ReportCount, ("sender", "minute", "reports"), [(sender, minute, 1)], _added)


def _added(stored: Any, new: Any) -> dict[str, ColumnElement[int]]:
    return {"reports": stored.reports + new.reports}


async def reports_since(session: AsyncSession, sender: str, since: datetime) -> int:
    query = select(func.coalesce(func.sum(COUNT.c.reports), 0)).where(COUNT.c.sender == sender, COUNT.c.minute >= since)
    return int((await session.execute(query)).scalar_one())


async def forget_counts(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(COUNT).where(COUNT.c.minute < before))
