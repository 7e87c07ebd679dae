"""Contact data, who looked at it, photos, and how much came from where."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.tables.cases import Case, CasePhoto
from services.complaint.tables.contacts import Contact, ContactLook, ReportCount
from shared.db import insert_new, merge_rows
from shared.rows import table_of

CASE, CONTACT, LOOK, PHOTO, COUNT = (table_of(table) for table in (Case, Contact, ContactLook, CasePhoto, ReportCount))
Row = dict[str, Any]


async def add_contact(session: AsyncSession, row: Row) -> None:
    await insert_new(session, Contact, [row])


async def contacts(session: AsyncSession, case_id: str) -> list[Row]:
    query = select(*CONTACT.c).where(CONTACT.c.case_id == case_id).order_by(CONTACT.c.follows, CONTACT.c.contact_id)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def forget_contacts(session: AsyncSession, closed_before: datetime) -> int:
    """Contact data of cases that ended before then."""
    over = select(CASE.c.case_id).where(CASE.c.case_id == CONTACT.c.case_id, CASE.c.closed_at < closed_before).exists()
    return (await session.execute(delete(CONTACT).where(over))).rowcount  # type: ignore[attr-defined,no-any-return]


async def add_look(session: AsyncSession, row: Row) -> None:
    await insert_new(session, ContactLook, [row])


async def looks(session: AsyncSession, case_id: str) -> list[Row]:
    query = select(*LOOK.c).where(LOOK.c.case_id == case_id).order_by(LOOK.c.at, LOOK.c.look_id)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def add_photo(session: AsyncSession, row: Row) -> None:
    await insert_new(session, CasePhoto, [row])


async def photo_ids(session: AsyncSession, case_id: str) -> list[str]:
    query = select(PHOTO.c.photo_id).where(PHOTO.c.case_id == case_id).order_by(PHOTO.c.received_at, PHOTO.c.photo_id)
    return list((await session.execute(query)).scalars())


async def photo(session: AsyncSession, case_id: str, photo_id: str) -> bytes | None:
    query = select(PHOTO.c.jpeg).where(PHOTO.c.case_id == case_id, PHOTO.c.photo_id == photo_id)
    return (await session.execute(query)).scalar()


async def count_report(session: AsyncSession, sender: str, minute: datetime) -> None:
    await merge_rows(session, ReportCount, ("sender", "minute", "reports"), [(sender, minute, 1)], _added)


def _added(held: Any, new: Any) -> dict[str, Any]:
    return {"reports": held.reports + new.reports}


async def reports_since(session: AsyncSession, sender: str, since: datetime) -> int:
    query = select(func.coalesce(func.sum(COUNT.c.reports), 0)).where(COUNT.c.sender == sender, COUNT.c.minute >= since)
    return int((await session.execute(query)).scalar_one())


async def forget_counts(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(COUNT).where(COUNT.c.minute < before))
