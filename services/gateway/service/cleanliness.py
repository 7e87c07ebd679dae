"""Index, findings of inspections and deductions in the citywide view, built from what the evaluation service tells."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale, latest_believed
from services.gateway.reference import city_rules_at
from services.gateway.schemas.cleanliness import AreaFigure, AreaFindings, Cleanliness, ContractorDeductions
from services.gateway.store import cleanliness as store
from services.gateway.store.city import parts
from shared.assessment import AreaLevel
from shared.clock import now
from shared.events.evaluation import DeductionChanged, IndexPublished, InspectionFindingChanged
from shared.scope import Scope


async def keep_index(session: AsyncSession, events: Sequence[IndexPublished]) -> None:
    rows = [
        (event.level.value, event.period, event.area_id, event.revision, event.index, event.rank, event.grade)
        for event in sorted(events, key=lambda event: event.revision)
    ]
    await store.put_index(session, _last(rows, 3))


async def keep_findings(session: AsyncSession, events: Sequence[InspectionFindingChanged]) -> None:
    rows = [
        (event.finding_id, event.revision, event.area_id, event.severity.value, event.status.value, event.overdue)
        for event in sorted(events, key=lambda event: event.revision)
    ]
    await store.put_findings(session, _last(rows, 1))


async def keep_deductions(session: AsyncSession, events: Sequence[DeductionChanged]) -> None:
    rows = [
        (event.deduction_id, event.revision, event.contractor_id, event.month, event.points_e2, event.fen, event.status.value)
        for event in sorted(events, key=lambda event: event.revision)
    ]
    await store.put_deductions(session, _last(rows, 1))


def _last(rows: Sequence[tuple[Any, ...]], key: int) -> list[tuple[Any, ...]]:
    """The last of each key, in the order of keys: replicas then lock rows in one order."""
    return [row for _, row in sorted({row[:key]: row for row in rows}.items())]


async def of_month(session: AsyncSession, scope: Scope, level: AreaLevel, month: date | None, today: date) -> Cleanliness:
    """Without a month: the newest that is published, else this one."""
    at = now()
    as_of = (await parts(session, latest_believed(at, city_rules_at(at)))).get("evaluation")
    period = (month or await store.newest_period(session, level) or today).replace(day=1)
    figures = await store.figures(session, scope, level, period)
    findings = [] if scope.contractor_ids else await store.unmended(session, scope)
    deducted = [] if scope.district_ids and not scope.contractor_ids else await store.deducted(session, scope, period)
    return Cleanliness(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        level=level,
        period=period,
        revision=figures[0]["revision"] if figures else None,
        areas=[AreaFigure(area_id=row["area_id"], index=row["value"], rank=row["rank"], grade=row["grade"]) for row in figures],
        findings=[AreaFindings(area_id=area_id, unmended=count, overdue=late) for area_id, count, late in findings],
        contractors=[
            ContractorDeductions(contractor_id=contractor_id, deductions=count, points_e2=points_e2, fen=fen)
            for contractor_id, count, points_e2, fen in deducted
        ],
    )
