"""What the evaluation service told: a row that is not newer than the one held changes nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables.cleanliness import CityDeduction, CityIndex, CityInspectionFinding
from shared.assessment import AreaLevel, DeductionStatus, RectificationStatus
from shared.db import merge_rows
from shared.rows import table_of
from shared.scope import Scope, in_districts

INDEX, FINDING, DEDUCTION = (table_of(table) for table in (CityIndex, CityInspectionFinding, CityDeduction))
OF_INDEX = ("level", "period", "area_id", "revision", "value", "rank", "grade")
OF_FINDING = ("finding_id", "revision", "area_id", "severity", "status", "overdue")
OF_DEDUCTION = ("deduction_id", "revision", "contractor_id", "month", "points_e2", "fen", "status")
UNMENDED = (RectificationStatus.OPEN.value, RectificationStatus.MENDED.value)
Row = dict[str, Any]


async def put_index(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    await merge_rows(session, CityIndex, OF_INDEX, rows, _newer_index)


async def put_findings(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    await merge_rows(session, CityInspectionFinding, OF_FINDING, rows, _newer_finding)


async def put_deductions(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    await merge_rows(session, CityDeduction, OF_DEDUCTION, rows, _newer_deduction)


def _newer_index(held: Any, new: Any) -> Row:
    return _newer(held, new, OF_INDEX[3:])


def _newer_finding(held: Any, new: Any) -> Row:
    return _newer(held, new, OF_FINDING[1:])


def _newer_deduction(held: Any, new: Any) -> Row:
    return _newer(held, new, OF_DEDUCTION[1:])


def _newer(held: Any, new: Any, names: Sequence[str]) -> Row:
    return {name: case((new.revision > held.revision, new[name]), else_=held[name]) for name in names}


async def newest_period(session: AsyncSession, level: AreaLevel) -> date | None:
    query = select(func.max(INDEX.c.period)).where(INDEX.c.level == level.value)
    newest: date | None = (await session.execute(query)).scalar()
    return newest


async def figures(session: AsyncSession, scope: Scope, level: AreaLevel, period: date) -> list[Row]:
    """By the month's newest revision: an area it left out has no figure. The best first, those without a rank last."""
    c = INDEX.c
    here = (c.level == level.value, c.period == period)
    newest = select(func.max(c.revision)).where(*here).scalar_subquery()
    seen = [in_districts(c.area_id, scope.district_ids)] if scope.district_ids else []
    query = select(*c).where(*here, c.revision == newest, *seen).order_by(c.rank.is_(None), c.rank, c.area_id)
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def unmended(session: AsyncSession, scope: Scope) -> list[tuple[str, int, int]]:
    """area, findings nobody has passed yet, how many of them are overdue."""
    c = FINDING.c
    seen = [in_districts(c.area_id, scope.district_ids)] if scope.district_ids else []
    late = func.sum(case((c.overdue, 1), else_=0))
    query = select(c.area_id, func.count(), late).where(c.status.in_(UNMENDED), *seen).group_by(c.area_id).order_by(c.area_id)
    return [(area_id, count, int(overdue)) for area_id, count, overdue in await session.execute(query)]


async def deducted(session: AsyncSession, scope: Scope, period: date) -> list[tuple[str, int, int, int]]:
    """contractor, deductions that stand, hundredths of points, fen."""
    c = DEDUCTION.c
    seen = [c.contractor_id.in_(sorted(scope.contractor_ids))] if scope.contractor_ids else []
    query = select(c.contractor_id, func.count(), func.sum(c.points_e2), func.sum(c.fen)).where(
        c.month == period, c.status != DeductionStatus.WITHDRAWN.value, *seen
    )
    rows = await session.execute(query.group_by(c.contractor_id).order_by(c.contractor_id))
    return [(contractor_id, count, int(points_e2), int(fen)) for contractor_id, count, points_e2, fen in rows]
