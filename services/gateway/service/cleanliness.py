"""Index, findings of inspections and deductions in the citywide view, built from what the evaluation service tells."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale, latest_believed
from services.gateway.domain.cleanliness import Deduction, IndexFigure, InspectionFinding
from services.gateway.rulebooks import CITY_RULES
from services.gateway.schemas.cleanliness import AreaFigure, AreaFindings, Cleanliness, ContractorDeductions
from services.gateway.store import cleanliness as store
from services.gateway.store.city import parts
from shared.assessment import AreaLevel
from shared.clock import now
from shared.events.evaluation import DeductionChanged, IndexPublished, InspectionFindingChanged
from shared.scope import Scope

E = TypeVar("E", IndexPublished, InspectionFindingChanged, DeductionChanged)


async def save_index(session: AsyncSession, events: Sequence[IndexPublished]) -> None:
    figures = {(event.level, event.period, event.area_id): _figure(event) for event in _by_revision(events)}
    await store.save_index(session, sorted(figures.values()))


def _figure(event: IndexPublished) -> IndexFigure:
    return IndexFigure(
        level=event.level.value,
        period=event.period,
        area_id=event.area_id,
        revision=event.revision,
        value=event.index,
        rank=event.rank,
        grade=event.grade,
    )


async def save_findings(session: AsyncSession, events: Sequence[InspectionFindingChanged]) -> None:
    findings = {event.finding_id: _finding(event) for event in _by_revision(events)}
    await store.save_findings(session, sorted(findings.values()))


def _finding(event: InspectionFindingChanged) -> InspectionFinding:
    return InspectionFinding(
        finding_id=event.finding_id,
        revision=event.revision,
        area_id=event.area_id,
        severity=event.severity.value,
        status=event.status.value,
        overdue=event.overdue,
    )


async def save_deductions(session: AsyncSession, events: Sequence[DeductionChanged]) -> None:
    deductions = {event.deduction_id: _deduction(event) for event in _by_revision(events)}
    await store.save_deductions(session, sorted(deductions.values()))


def _deduction(event: DeductionChanged) -> Deduction:
    return Deduction(
        deduction_id=event.deduction_id,
        revision=event.revision,
        contractor_id=event.contractor_id,
        month=event.month,
        points_e2=event.points_e2,
        fen=event.fen,
        status=event.status.value,
    )


def _by_revision(events: Sequence[E]) -> list[E]:
    """Of one subject the newest comes last. What is saved is sorted by its key: replicas then lock rows in one order."""
    return sorted(events, key=lambda event: event.revision)


async def of_month(session: AsyncSession, scope: Scope, level: AreaLevel, month: date | None, today: date) -> Cleanliness:
    """Without a month: the newest that is published, else this one."""
    at = now()
    as_of = (await parts(session, latest_believed(at, CITY_RULES.at(at)))).get("evaluation")
    period = (month or await store.newest_period(session, level) or today).replace(day=1)
    figures = await store.figures(session, scope, level, period)
    findings = [] if scope.contractor_ids else await store.unmended(session, scope)
    deducted = [] if scope.district_ids and not scope.contractor_ids else await store.deducted(session, scope, period)
    return Cleanliness(
        as_of=as_of,
        stale=is_stale(as_of, at, CITY_RULES.at(at)),
        level=level,
        period=period,
        revision=figures[0].revision if figures else None,
        areas=[AreaFigure.describing(figure, index=figure.value) for figure in figures],
        findings=[AreaFindings.describing(each, unmended=each.findings) for each in findings],
        contractors=[ContractorDeductions.model_validate(each) for each in deducted],
    )
