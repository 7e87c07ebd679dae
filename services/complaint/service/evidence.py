"""What the city itself knows of a complaint: asked of the route service when it comes in, and again when late data arrives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case
from services.complaint.domain.evidence import CaseStop, Evidence, Question, StopEvidence
from services.complaint.schemas.evidence import ForeignStop, ServiceEvidence
from services.complaint.service import cases
from services.complaint.store import cases as case_store
from services.complaint.store import evidence as store
from shared.clock import now
from shared.events.route import StopJudged

BY_RULES = "rules"


def question(case: Case) -> Question | None:
    """None where no round could have prevented the complaint."""
    return case.question(cases.category_of(case), rulebooks.INTAKE_RULES.at(case.received_at).evidence_hours)


async def wanted(session: AsyncSession, limit: int) -> list[Case]:
    return await store.wanted(session, now(), limit)


async def postpone(session: AsyncSession, case_id: str, by: timedelta = timedelta(seconds=10)) -> None:
    """The route service does not answer, or its answer cannot be stored; ask again later."""
    await store.want(session, [case_id], now() + by)


async def drop_question(session: AsyncSession, case_id: str) -> None:
    """There is nothing to ask about this case."""
    case = (await case_store.locked(session, [case_id])).get(case_id)
    if case is not None:
        await case_store.save_case(session, case, replace(case, evidence_wanted_at=None))


async def save(session: AsyncSession, case_id: str, asked_at: datetime, answer: ServiceEvidence, zone: ZoneInfo) -> None:
    """Store what the route service answered; a changed finding goes into the history and makes another proposal."""
    before = (await case_store.locked(session, [case_id])).get(case_id)
    if before is None:
        return
    evidence = _evidence(answer)
    case = before.with_evidence(evidence, asked_at, now())
    if evidence.stops or (before.evidence is not None and before.evidence.stops):
        await store.replace_stops(session, case_id, _stops(case, evidence))
    if evidence.says_the_same(before.evidence):
        await case_store.save_case(session, before, case)
        return
    work = await cases.work_on(session, before, zone, BY_RULES)
    category, templates = cases.category_of(case), rulebooks.REPLY_TEMPLATES.at(case.received_at)
    news = {"outcome": evidence.outcome, "sentence_zh": evidence.sentence_zh, "sentence_en": evidence.sentence_en}
    await cases.save(session, work.with_case(case.with_proposal(category, templates)).log("evidence", changed=news))


def _evidence(answer: ServiceEvidence) -> Evidence:
    """The sentences and where each stop stands, with how much was lifted there."""
    return Evidence(
        outcome=answer.outcome,
        sentence_zh=answer.sentence_zh,
        sentence_en=answer.sentence_en,
        radius_m=answer.radius_m,
        from_=answer.start,
        to=answer.end,
        stops=tuple(_stop(stop) for stop in answer.stops),
    )


def _stop(stop: ForeignStop) -> StopEvidence:
    return StopEvidence(
        stop_id=stop.stop_id,
        run_id=stop.run_id,
        service_point_id=stop.service_point_id,
        task=stop.task,
        name=stop.name,
        distance_m=stop.distance_m,
        stream=stop.stream,
        vehicle_id=stop.vehicle_id,
        planned_at=stop.planned_at,
        window_start=stop.window_start,
        window_end=stop.window_end,
        verdict=stop.verdict,
        served_at=stop.served_at,
        data=stop.data,
        net_kg=_net_kg(stop),
        lifts=len(stop.lifts),
        passes=len(stop.passes),
    )


def _net_kg(stop: ForeignStop) -> int | None:
    """Of the visit that the finding rests on, as the sentence has it; of all lifts there where it rests on none."""
    if stop.evidence.names_a_weight:
        return stop.evidence.net_kg
    return sum(lift.net_kg or 0 for lift in stop.lifts) if stop.lifts else None


def _stops(case: Case, evidence: Evidence) -> list[CaseStop]:
    missed = set(cases.missed_stops(case))
    return [
        CaseStop(case_id=case.case_id, stop_id=stop.stop_id, verdict=stop.verdict, missed=stop.stop_id in missed)
        for stop in evidence.stops
    ]


async def note_judged(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """A stop that complaints rest on was judged anew: ask again."""
    verdicts = {event.stop_id: event.verdict for event in sorted(events, key=lambda event: event.revision)}
    resting = await store.about_stops(session, verdicts)
    changed = {stop.case_id for stop in resting if verdicts[stop.stop_id] != stop.verdict}
    if changed:
        await store.want(session, sorted(changed), now())
