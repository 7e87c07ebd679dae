"""Complaints in the read model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.complaints import Complaint, ComplaintCount
from services.gateway.store.vehicles import seen
from services.gateway.tables.city import CityComplaint
from shared.db import merge_rows
from shared.rows import table_of
from shared.scope import Scope

COMPLAINT = table_of(CityComplaint)


async def save_complaints(session: AsyncSession, complaints: Sequence[Complaint]) -> None:
    """One that is not newer than the one stored changes nothing."""
    await merge_rows(session, CityComplaint, Complaint._fields, complaints, _newer)


def _newer(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    return {name: case((new.revision > stored.revision, new[name]), else_=stored[name]) for name in Complaint._fields[1:]}


async def complaint_counts(session: AsyncSession, scope: Scope, at: datetime) -> list[ComplaintCount]:
    c = COMPLAINT.c
    colour = case((c.due_at.is_(None), "none"), (c.due_at < at, "red"), (c.yellow_at <= at, "yellow"), else_="green")
    sub = select(func.coalesce(c.district_id, "").label("district_id"), colour.label("colour")).where(
        c.open, *seen(scope, COMPLAINT)
    )
    rows = sub.subquery()
    query = select(rows.c.district_id, rows.c.colour, func.count()).group_by(rows.c.district_id, rows.c.colour)
    return [ComplaintCount(*row) for row in await session.execute(query)]
