"""Counting complaints: one pass over the cases of a period."""

from datetime import datetime

from sqlalchemy import ColumnElement, Label, case, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.figures import Counts, CrowdedCell, Problem
from services.complaint.domain.filters import CaseFilters
from services.complaint.store.filters import CASE, where
from shared.auth import Principal
from shared.rows import from_row, many
from shared.vocabulary import Channel

c = CASE.c
WHOLE = ""
"""The key of the one group of all cases, and of cases that do not say theirs."""
GROUPS = {
    "district": func.substr(func.coalesce(c.district_id, ""), 1, 6),
    "street": func.coalesce(c.district_id, ""),
    "contractor": func.coalesce(c.contractor_id, ""),
    "category": c.category,
    "channel": c.channel,
    "all": literal(WHOLE),
}


def _counts(at: datetime) -> dict[str, Label[int]]:
    """By the names that `Counts` has."""
    closed = c.status == "closed"
    followed = closed & (c.channel != Channel.IMPORT.value)  # of a case handled elsewhere nobody knows if it was sent back
    by_name = {
        "cases": c.status.not_in(["void"]),
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
    return {name: _sum(condition).label(name) for name, condition in by_name.items()}


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How often it holds; 0 where there is nothing."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def count(
    session: AsyncSession, principal: Principal, by: str, filters: CaseFilters, start: datetime, end: datetime, at: datetime
) -> dict[str, Counts]:
    """By group."""
    inner = GROUPS[by].label("key")
    query = select(inner, *_counts(at).values()).where(
        c.requested_at >= start, c.requested_at < end, *principal.scope.rows(CASE), *where(session, filters, at)
    )
    rows = await session.execute(query.group_by(inner) if by != "all" else query)
    return {row.key or WHOLE: from_row(Counts, row) for row in rows}


async def crowded(
    session: AsyncSession,
    principal: Principal,
    filters: CaseFilters,
    start: datetime,
    end: datetime,
    least: int,
    limit: int,
    *,
    by_category: bool,
) -> list[CrowdedCell]:
    """Cells with at least so many cases, the most first; with `by_category` of one category: the same thing again and again."""
    key = [c.cell, c.category] if by_category else [c.cell]
    category = c.category if by_category else null().label("category")
    cases = func.count().label("cases")
    last = func.max(c.requested_at).label("last_at")
    query = select(c.cell, category, cases, last, func.count(c.closed_at).label("closed")).where(
        c.cell.is_not(None),
        c.requested_at >= start,
        c.requested_at < end,
        c.main_id.is_(None),
        *principal.scope.rows(CASE),
        *where(session, filters, end),
    )
    ordered = query.group_by(*key).having(cases >= least).order_by(cases.desc(), c.cell)
    return await many(session, CrowdedCell, ordered.limit(limit))


async def problems(
    session: AsyncSession, principal: Principal, filters: CaseFilters, start: datetime, end: datetime, at: datetime
) -> list[Problem]:
    """By subdistrict and category: cases, open, overdue, sent back."""
    columns = [_counts(at)[name] for name in ("cases", "open", "overdue")]
    street = func.coalesce(c.district_id, "").label("street")
    again = _sum(c.returned > 0).label("sent_back")
    query = select(street, c.category, *columns, again).where(
        c.requested_at >= start, c.requested_at < end, *principal.scope.rows(CASE), *where(session, filters, at)
    )
    problems = await many(session, Problem, query.group_by(street, c.category))
    return sorted(problems, key=lambda problem: (problem.street, -problem.cases, problem.category))
