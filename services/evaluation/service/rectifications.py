"""What an inspection found, until it is mended and checked; a deadline that passes is counted once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.checklists import ChecklistItem
from services.evaluation.domain.filters import FindingFilters
from services.evaluation.domain.findings import Finding
from services.evaluation.domain.inspections import Inspection
from services.evaluation.schemas.inspections import CheckBody, FindingAnswer, FindingDetail, MendBody, PhotoAnswer
from services.evaluation.service import deductions, observations, periods
from services.evaluation.service.refusals import refusals
from services.evaluation.store import findings as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import NotFound
from shared.events.evaluation import InspectionFindingChanged
from shared.four_eyes import require_another
from shared.ids import derived_id
from shared.outbox import publish
from shared.photos import cleaned
from shared.setting_aside import SetAside


def finding_id(inspection_id: str, item: str) -> str:
    return derived_id("finding", inspection_id, item)


async def open_all(
    session: AsyncSession,
    inspection: Inspection,
    items: Sequence[ChecklistItem],
    contractor_id: str | None,
    zone: ZoneInfo,
) -> None:
    for item in items:
        key = finding_id(inspection.inspection_id, item.code)
        await save(session, Finding.opened(key, inspection, item, contractor_id, now()), zone)


async def save(session: AsyncSession, finding: Finding, zone: ZoneInfo) -> Finding:
    """What it means for index and contractor is worked out from the finding alone."""
    await store.save_findings(session, [finding])
    await publish(session, _event(finding))
    posted = finding.posted(periods.month_of(finding.due_at, zone))
    await observations.post(session, {f"finding:{finding.finding_id}": posted})
    facts = finding.facts(service_day(finding.found_at, zone), service_day(finding.due_at, zone))
    await deductions.take_facts(session, facts)
    return finding


def _event(finding: Finding) -> InspectionFindingChanged:
    return InspectionFindingChanged(
        finding_id=finding.finding_id,
        revision=finding.revision,
        inspection_id=finding.inspection_id,
        area_id=finding.area_id,
        place_id=finding.place_id,
        item=finding.item,
        matter_code=finding.matter_code,
        severity=finding.severity,
        status=finding.status,
        overdue=finding.overdue,
        found_at=finding.found_at,
        due_at=finding.due_at,
        changed_at=finding.changed_at,
    )


async def withdraw_all(session: AsyncSession, inspection: Inspection, reason: str, actor: str, zone: ZoneInfo) -> None:
    for finding in await store.findings_of(session, inspection.inspection_id):
        await save(session, finding.withdrawn(actor, reason, now()), zone)


def _require_sight(principal: Principal, finding: Finding | None) -> Finding:
    if finding is None:
        raise NotFound("no such finding")
    principal.require_sight("finding", district_id=finding.area_id, contractor_id=finding.contractor_id)
    return finding


async def _locked(session: AsyncSession, principal: Principal, key: str) -> Finding:
    return _require_sight(principal, await store.locked(session, key))


async def mend(session: AsyncSession, principal: Principal, key: str, body: MendBody, zone: ZoneInfo) -> FindingAnswer:
    finding = await _locked(session, principal, key)
    with refusals():
        mended = finding.mended(body.person, body.at, body.note, now())
    return FindingAnswer.model_validate(await save(session, mended, zone))


async def check(session: AsyncSession, principal: Principal, key: str, body: CheckBody, zone: ZoneInfo) -> FindingAnswer:
    """By somebody else than who mended it."""
    finding = await _locked(session, principal, key)
    with refusals():
        finding.require_checkable()
    mender = finding.last_mended_by
    require_another(principal, body.person, [] if mender is None else [("", mender)], "mended what was found")
    checked = finding.checked(body.person, body.at, body.passed, body.note, now())
    return FindingAnswer.model_validate(await save(session, checked, zone))


async def judge_due(session: AsyncSession, zone: ZoneInfo, failing: SetAside[str], limit: int = 200) -> int:
    """Deadlines that have passed; how many there were."""

    async def judge(finding: Finding) -> None:
        await save(session, finding.deadline_passed(now()), zone)

    due = await store.due(session, now(), limit, failing.keys())
    for finding in due:
        await failing.attempt(session, finding.finding_id, judge(finding))
    return len(due)


async def add_photo(session: AsyncSession, principal: Principal, key: str, data: bytes) -> PhotoAnswer:
    await _locked(session, principal, key)
    photo = await cleaned(data)
    await store.add_photo(session, key, photo, now())
    return PhotoAnswer.model_validate(photo)


async def photo(session: AsyncSession, principal: Principal, key: str, photo_id: str) -> bytes:
    _require_sight(principal, await store.finding(session, key))
    jpeg = await store.photo(session, key, photo_id)
    if jpeg is None:
        raise NotFound("no such photo")
    return jpeg


async def get(session: AsyncSession, principal: Principal, key: str) -> FindingDetail:
    finding = _require_sight(principal, await store.finding(session, key))
    return FindingDetail.describing(finding, photo_ids=await store.photo_ids(session, key))


async def listing(
    session: AsyncSession, principal: Principal, filters: FindingFilters, cursor: str | None, limit: int
) -> Page[FindingAnswer]:
    after: Any = decode_cursor(cursor, datetime, str)
    findings = await store.list_findings(session, filters, principal.scope, after, limit + 1)
    last = findings[limit - 1] if len(findings) > limit else None
    items = [FindingAnswer.model_validate(finding) for finding in findings[:limit]]
    return Page(items=items, next_cursor=encode_cursor(last.found_at, last.finding_id) if last else None)
