"""What the evaluation service told: what is not newer than what is stored changes nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.cleanliness import Deducted, Deduction, IndexFigure, InspectionFinding, Unmended
from services.gateway.tables.cleanliness import CityDeduction, CityIndex, CityInspectionFinding
from shared.assessment import AreaLevel, DeductionStatus, RectificationStatus
from shared.db import merge_rows
from shared.rows import table_of
from shared.scope import Scope, in_districts

INDEX, FINDING, DEDUCTION = (table_of(table) for table in (CityIndex, CityInspectionFinding, CityDeduction))
UNMENDED = (RectificationStatus.OPEN.value, RectificationStatus.MENDED.value)
Merged = dict[str, ColumnElement[Any]]


async def save_index(session: AsyncSession, figures: Sequence[IndexFigure]) -> None:
    await merge_rows(session, CityIndex, IndexFigure._fields, figures, _newer_index)


async def save_findings(session: AsyncSession, findings: Sequence[InspectionFinding]) -> None:
    await merge_rows(session, CityInspectionFinding, InspectionFinding._fields, findings, _newer_finding)


async def save_deductions(session: AsyncSession, deductions: Sequence[Deduction]) -> None:
    await merge_rows(session, CityDeduction, Deduction._fields, deductions, _newer_deduction)


def _newer_index(stored: Any, new: Any) -> Merged:
    return _newer(stored, new, IndexFigure._fields[3:])


def _newer_finding(stored: Any, new: Any) -> Merged:
    return _newer(stored, new, InspectionFinding._fields[1:])


def _newer_deduction(stored: Any, new: Any) -> Merged:
    return _newer(stored, new, Deduction._fields[1:])


def _newer(stored: Any, new: Any, names: Sequence[str]) -> Merged:
    return {name: case((new.revision > stored.revision, new[name]), else_=stored[name]) for name in names}


async def newest_period(session: AsyncSession, level: AreaLevel) -> date | None:
    query = select(func.max(INDEX.c.period)).where(INDEX.c.level == level.value)
    newest: date | None = (await session.execute(query)).scalar()
    return newest


async def figures(session: AsyncSession, scope: Scope, level: AreaLevel, period: date) -> list[IndexFigure]:
    """By the month's newest revision: an area it left out has no figure. The best first, those without a rank last."""
    c = INDEX.c
    here = (c.level == level.value, c.period == period)
    newest = select(func.max(c.revision)).where(*here).scalar_subquery()
    seen = [in_districts(c.area_id, scope.district_ids)] if scope.district_ids else []
    query = select(*(c[name] for name in IndexFigure._fields)).where(*here, c.revision == newest, *seen)
    return [IndexFigure(*row) for row in await session.execute(query.order_by(c.rank.is_(None), c.rank, c.area_id))]


async def unmended(session: AsyncSession, scope: Scope) -> list[Unmended]:
    c = FINDING.c
    seen = [in_districts(c.area_id, scope.district_ids)] if scope.district_ids else []
    late = func.sum(case((c.overdue, 1), else_=0))
    query = select(c.area_id, func.count(), late).where(c.status.in_(UNMENDED), *seen).group_by(c.area_id).order_by(c.area_id)
    return [Unmended(area_id, count, int(overdue)) for area_id, count, overdue in await session.execute(query)]


async def deducted(session: AsyncSession, scope: Scope, period: date) -> list[Deducted]:
    c = DEDUCTION.c
    seen = [c.contractor_id.in_(sorted(scope.contractor_ids))] if scope.contractor_ids else []
    query = select(c.contractor_id, func.count(), func.sum(c.points_e2), func.sum(c.fen)).where(
        c.month == period, c.status != DeductionStatus.WITHDRAWN.value, *seen
    )
    rows = await session.execute(query.group_by(c.contractor_id).order_by(c.contractor_id))
    return [Deducted(contractor_id, count, int(points_e2), int(fen)) for contractor_id, count, points_e2, fen in rows]
