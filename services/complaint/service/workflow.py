"""Steps of the workflow, done by people at their desks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import EDITABLE, Case, Edit
from services.complaint.domain.clocks import HOUR_SECONDS
from services.complaint.domain.history import Changed, differences
from services.complaint.domain.work import Work
from services.complaint.domain.workflow import RULES
from services.complaint.schemas.steps import (
    AskingExtension,
    CallingBack,
    Dispatching,
    Editing,
    Filing,
    Joining,
    Plain,
    Replying,
    StepBody,
    StepsBody,
    WithReason,
)
from services.complaint.service import cases
from services.complaint.service.cases import refusals, require_sight
from services.complaint.service.terms import limits_of
from services.complaint.store import cases as store
from services.complaint.store import evidence as evidence_store
from shared.auth import Principal
from shared.errors import Conflict, Forbidden, Invalid
from shared.four_eyes import require_another
from shared.vocabulary import ClockKind
from shared.vocabulary import ComplaintStep as Step

EFFECTS = ("contractor_id", "handler_district_id", "reply", "solved", "satisfaction", "main_id")
FREE_TEXT = frozenset({"description", "address"})
"""Stays out of the history: it is in the case, and may be taken out of it."""


async def take_steps(session: AsyncSession, principal: Principal, case_id: str, body: StepsBody, zone: ZoneInfo) -> Case:
    mains = {step.main_id for step in body.steps if isinstance(step, Joining)}
    locked = await store.locked(session, {case_id, *mains})
    case = require_sight(principal, locked.get(case_id))
    if body.revision is not None and body.revision != case.revision:
        raise Conflict(f"the case is at revision {case.revision}; look at it again", code="changed_meanwhile")
    work = await cases.work_on(session, case, zone, principal.token_id)
    return await cases.save(session, await do(session, principal, work, body.steps, locked))


async def do(
    session: AsyncSession,
    principal: Principal,
    work: Work,
    steps: Sequence[StepBody],
    locked: Mapping[str, Case] | None = None,
) -> Work:
    """`locked`: the cases that this one may be joined to."""
    district_id = work.case.district_id
    for body in steps:
        step = Step(body.step)
        _require_desk(principal, step)
        await _require_before(session, principal, work, body, locked or {})
        with refusals():
            done = work.standing.perform(step, work.at, work.terms, _asked_seconds(work, body))
            work = work.standing_as(done)
            case, changed = _effect(work, body)
        work = work.with_case(case).log(step.value, done.changes, person=body.person, note=body.note, changed=changed)
        if step is Step.EDIT:  # a clock that starts after it has the limit of what the case is called now
            work = work.with_terms(replace(work.terms, limit=limits_of(work.terms.rules, case, district_id)))
        if case.is_main and step in {Step.REPLY, Step.ANSWER, Step.CLOSE}:
            await _answer_joined(session, work, body)
    return work


def _require_desk(principal: Principal, step: Step) -> None:
    if principal.is_contractor and not RULES[step].by_handler:
        raise Forbidden(f"the step {step} is the call centre's; a contractor may take, finish, return, contact and note")


async def _require_before(
    session: AsyncSession, principal: Principal, work: Work, body: StepBody, locked: Mapping[str, Case]
) -> None:
    """What must be so before the step, beyond what the workflow says."""
    match body:
        case Filing(even_so=False):
            await _require_unknown(session, work.case)
        case Dispatching() if not (body.contractor_id or body.district_id):
            raise Invalid("say to whom: contractor_id or district_id")
        case Joining():
            await _make_main(session, work.case, require_sight(principal, locked.get(body.main_id)))
        case Plain(step="approve_extension"):
            history = [*await store.history(session, work.case.case_id), *work.events]
            asked = [(event.actor, event.person) for event in history if event.step == Step.ASK_EXTENSION]
            require_another(principal, body.person, asked[-1:], "asked for an extension")
        case Editing(category=str() as code) if rulebooks.category(code, work.case.received_at) is None:
            raise Invalid(f"there is no category {code}", code="unknown_category")
        case _:
            return


async def _require_unknown(session: AsyncSession, case: Case) -> None:
    missed = cases.missed_stops(case)
    known = await evidence_store.open_about_missed(session, missed, but=case.case_id) if missed else []
    if known:
        text = f"case {known[0]} is about the same missed collection; join this one to it, or say `even_so`"
        raise Conflict(text, code="known_already")


async def _make_main(session: AsyncSession, case: Case, main: Case) -> None:
    with refusals():
        case.require_joinable_to(main)
    if not main.is_main:
        await store.save_case(session, main, replace(main, is_main=True))


def _asked_seconds(work: Work, body: StepBody) -> int:
    if not isinstance(body, AskingExtension):
        return 0
    clock = work.standing.running(ClockKind.RESOLVE)
    day_seconds = work.terms.hours(clock is not None and clock.limit.working).day_seconds
    return round(body.amount * (day_seconds if body.unit == "days" else HOUR_SECONDS))


def _effect(work: Work, body: StepBody) -> tuple[Case, Changed]:
    """The case after what the step says beside status and clocks, and what of that is new, for the history."""
    before = case = work.case
    match body:
        case Editing():
            return _edited(work, body)
        case AskingExtension():
            return case, {"amount": body.amount, "unit": body.unit}
        case Dispatching():
            case = replace(case, contractor_id=body.contractor_id, handler_district_id=body.district_id)
        case Replying():
            case = replace(case, reply=body.text)
        case CallingBack():
            case = replace(case, solved=body.solved, satisfaction=body.satisfaction)
        case Joining():
            case = replace(case, main_id=body.main_id)
        case Plain(step="split"):
            case = replace(case, main_id=None)
        case WithReason(step="reopen"):
            case = replace(case, solved=False)
    return case, differences(before, case, EFFECTS)


def _edited(work: Work, body: Editing) -> tuple[Case, Changed]:
    case = work.case
    edit = Edit(
        category=body.category,
        urgency=body.urgency,
        description=body.description,
        address=body.address,
        lon=body.lon,
        lat=body.lat,
        district_id=body.district_id,
        is_public=body.is_public,
    )
    category = rulebooks.category(edit.category or case.category, case.received_at)
    edited = case.edited(edit, category, rulebooks.INTAKE_RULES.at(case.received_at).boxes, work.at)
    new = differences(case, edited, EDITABLE)
    return edited, {name: None if name in FREE_TEXT else value for name, value in new.items()}


async def _answer_joined(session: AsyncSession, main: Work, body: StepBody) -> None:
    """One answer for all: who was joined is told the same, and is closed with it."""
    for case in await store.locked_joined_to(session, main.case.case_id):
        work = await cases.work_with(session, case, main)
        if isinstance(body, Replying):
            done = work.standing.answered_with_main(main.at)
            work = work.with_case(replace(case, reply=body.text))
        else:
            done = work.standing.closed_with_main()
        note = f"with case {main.case.case_id}"
        work = work.standing_as(done).log(body.step, done.changes, person=body.person, note=note)
        await cases.save(session, work)
