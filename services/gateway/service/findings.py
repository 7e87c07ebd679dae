"""Findings: opened, changed and withdrawn by the data; explained and closed by a person. Every step is kept."""

from collections.abc import Collection
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.findings import Discrepancy, Finding, FindingFilters, id_of
from services.gateway.domain.tickets import Haul
from services.gateway.domain.weighing import TripFilters
from services.gateway.schemas.balance import (
    ArrivalBehind,
    ExplainBody,
    FindingAnswer,
    FindingChange,
    FindingDetail,
    HaulBehind,
    TripAnswer,
)
from services.gateway.service.trips import trip_with_bins
from services.gateway.store import findings as store
from services.gateway.store import weighed
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import NotFound
from shared.scope import Scope
from shared.vocabulary import FindingKind, FindingStatus

BY_THE_DATA = ""
SHOWN_TRIPS = 20


async def open_subjects(session: AsyncSession, kinds: Collection[FindingKind]) -> set[str]:
    return await store.open_subjects(session, kinds)


async def record(session: AsyncSession, kind: FindingKind, subject_id: str, discrepancy: Discrepancy | None) -> Finding | None:
    """Let the data say what it finds of this subject, if anything; the finding as it stands, None if there is none."""
    before = await store.finding(session, id_of(kind, subject_id), lock=True)
    if before is None:
        after = Finding.opened(kind, subject_id, discrepancy, now()) if discrepancy else None
    else:
        after = before.seen_as(discrepancy, now()) if discrepancy else before.withdrawn(now())
    if after is not None and after is not before:
        await store.save(session, after, BY_THE_DATA)
    return after if discrepancy else None


# --- what people do ---------------------------------------------------------------------------------------------


async def explain(
    session: AsyncSession, scope: Scope, actor: str, finding_id: str, body: ExplainBody, status: FindingStatus
) -> Finding:
    """Why it is so. Two who say it at once: the one who names an older revision is told."""
    finding = await _seen(session, scope, finding_id, lock=True)
    after = finding.explained(body.revision, body.cause, body.note, status, now())
    await store.save(session, after, actor)
    return after


async def _seen(session: AsyncSession, scope: Scope, finding_id: str, *, lock: bool = False) -> Finding:
    finding = await store.finding(session, finding_id, lock=lock)
    if finding is None or not scope.sees(district_id=finding.district_id, contractor_id=finding.contractor_id):
        raise NotFound("no such finding")
    return finding


async def list_findings(
    session: AsyncSession, scope: Scope, filters: FindingFilters, cursor: str | None, limit: int
) -> Page[FindingAnswer]:
    key = decode_cursor(cursor, date, str)
    page = await store.page(session, scope, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [FindingAnswer.model_validate(finding) for finding in page[:limit]]
    last = items[-1] if len(page) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.day.isoformat(), last.finding_id))


async def detail(session: AsyncSession, scope: Scope, finding_id: str) -> FindingDetail:
    """With the weighings behind it and all that was ever said of it."""
    finding = await _seen(session, scope, finding_id)
    changes = await store.history(session, finding_id)
    haul = await _haul_behind(session, finding)
    arrivals = await weighed.arrivals(session, finding.subject_id) if haul else []
    return FindingDetail.describing(
        finding,
        history=[FindingChange.describing(change.finding, actor=change.actor) for change in changes],
        trips=await _trips_behind(session, finding),
        haul=HaulBehind.model_validate(haul) if haul else None,
        arrivals=[ArrivalBehind.model_validate(tip) for tip in arrivals],
    )


async def _trips_behind(session: AsyncSession, finding: Finding) -> list[TripAnswer]:
    if finding.kind is FindingKind.TRIP_DIFFERENCE:
        trip = await weighed.trip(session, finding.subject_id)
        return [await trip_with_bins(session, trip)] if trip else []
    if finding.kind is FindingKind.SCALE_DRIFT:
        trips = await weighed.page_of_trips(session, Scope(), TripFilters(vehicle_id=finding.vehicle_id), None, SHOWN_TRIPS)
        return [TripAnswer.model_validate(each) for each in trips]
    return []


async def _haul_behind(session: AsyncSession, finding: Finding) -> Haul | None:
    if finding.kind in {FindingKind.HAUL_DIFFERENCE, FindingKind.HAUL_OVERDUE}:
        return await weighed.haul(session, finding.subject_id)
    return None
