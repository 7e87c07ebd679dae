"""Counting complaints: one pass over the cases of a period."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.store.cases import CASE, where
from shared.auth import Principal
from shared.clock import EPOCH
from shared.vocabulary import Channel

Row = dict[str, Any]
c = CASE.c
GROUPS = {
    "district": func.substr(func.coalesce(c.district_id, ""), 1, 6),
    "street": func.coalesce(c.district_id, ""),
    "contractor": func.coalesce(c.contractor_id, ""),
    "category": c.category,
    "channel": c.channel,
    "all": literal(""),
}


def _counts(at: datetime) -> dict[str, Any]:
    closed = c.status == "closed"
    followed = closed & (c.channel != Channel.IMPORT.value)  # of a case handled elsewhere nobody knows if it was sent back
    kept = c.status.not_in(["void"])
    by_name = {
        "cases": kept,
        "open": c.closed_at.is_(None),
        "overdue": c.closed_at.is_(None) & (c.due_at < at),
        "closed": closed,
        "closed_at_once": followed & (c.returned == 0),
        "closed_here": followed,
        "contact_due": c.contacted_in_time.is_not(None),
        "contacted_in_time": c.contacted_in_time,
        "resolved_in_time": c.resolved_in_time,
        "resolve_due": c.resolved_in_time.is_not(None) | (c.due_at < at),
        "called_back": c.solved.is_not(None),
        "solved": c.solved,
        "rated": c.satisfaction.is_not(None),
        "satisfied": c.satisfaction.in_(["satisfied", "basically_satisfied"]),
        "pressed": c.pressed > 0,
        "escalated": c.level > 0,
    }
    return {name: func.sum(case((condition, 1), else_=0)).label(name) for name, condition in by_name.items()}


COUNTED = tuple(_counts(EPOCH))


async def count(
    session: AsyncSession, principal: Principal, by: str, filters: Row, start: datetime, end: datetime, at: datetime
) -> dict[str, Row]:
    """By group: the counts that `domain.figures.rates` divides."""
    columns = _counts(at)
    inner = GROUPS[by].label("key")
    query = select(inner, *columns.values()).where(
        c.requested_at >= start, c.requested_at < end, *principal.scope.rows(CASE), *where(session, filters, at)
    )
    rows = await session.execute(query.group_by(inner) if by != "all" else query)
    return {row.key or "": {name: int(getattr(row, name) or 0) for name in columns} for row in rows}


async def crowded(
    session: AsyncSession,
    principal: Principal,
    filters: Row,
    start: datetime,
    end: datetime,
    least: int,
    limit: int,
    *,
    by_category: bool,
) -> Sequence[Row]:
    """Cells with at least so many cases, the most first; with `by_category` of one category: the same thing again and again."""
    key = [c.cell, c.category] if by_category else [c.cell]
    cases = func.count().label("cases")
    last = func.max(c.requested_at).label("last_at")
    query = select(*key, cases, last, func.count(c.closed_at).label("closed")).where(
        c.cell.is_not(None),
        c.requested_at >= start,
        c.requested_at < end,
        c.main_id.is_(None),
        *principal.scope.rows(CASE),
        *where(session, filters, end),
    )
    rows = await session.execute(query.group_by(*key).having(cases >= least).order_by(cases.desc(), c.cell).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def problems(
    session: AsyncSession, principal: Principal, filters: Row, start: datetime, end: datetime, at: datetime
) -> Sequence[Row]:
    """By subdistrict and category: cases, open, overdue, sent back."""
    columns = [_counts(at)[name] for name in ("cases", "open", "overdue")]
    street = func.coalesce(c.district_id, "").label("street")
    again = func.sum(case((c.returned > 0, 1), else_=0)).label("sent_back")
    query = select(street, c.category, *columns, again).where(
        c.requested_at >= start, c.requested_at < end, *principal.scope.rows(CASE), *where(session, filters, at)
    )
    rows = await session.execute(query.group_by(street, c.category))
    found = [dict(row) for row in rows.mappings()]
    return sorted(found, key=lambda row: (row["street"], -row["cases"], row["category"]))
