"""Steps of the workflow, done by people at their desks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import casework
from services.complaint.domain.casework import ClockChange, Refused
from services.complaint.domain.clocks import HOUR_SECONDS
from services.complaint.domain.workflow import RULES, UNANSWERED
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
from services.complaint.service import cases, intake
from services.complaint.service.cases import Work
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from shared.auth import Principal
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.four_eyes import require_another
from shared.vocabulary import ClockKind, ComplaintStatus
from shared.vocabulary import ComplaintStep as Step

Row = dict[str, Any]


def require_sight(principal: Principal, row: Row | None) -> Row:
    """A handler sees what was dispatched to it, a district what lies in it."""
    if row is None or not principal.sees(district_id=row["district_id"], contractor_id=row["contractor_id"]):
        raise NotFound("no such complaint")
    return row


async def take_steps(session: AsyncSession, principal: Principal, case_id: str, body: StepsBody, zone: ZoneInfo) -> Row:
    held = await store.locked(session, {case_id, *(step.main_id for step in body.steps if isinstance(step, Joining))})
    row = require_sight(principal, held.get(case_id))
    if body.revision is not None and body.revision != row["revision"]:
        raise Conflict(f"the case is at revision {row['revision']}; look at it again", code="changed_meanwhile")
    work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), principal.token_id)
    await do(session, principal, work, body.steps, held)
    return await cases.save(session, work)


async def do(
    session: AsyncSession, principal: Principal, work: Work, steps: Sequence[StepBody], held: dict[str, Row] | None = None
) -> None:
    for body in steps:
        step = Step(body.step)
        _require_desk(principal, step)
        await _look_before(session, principal, work, body, held or {})
        try:
            done = casework.perform(work.standing, step, work.at, work.terms, _asked_seconds(work, body))
        except Refused as error:
            raise Conflict(error.detail, code=error.code) from error
        work.standing = done.standing
        told = _effect(work, body)
        work.log(step.value, done.changes, person=body.person, note=body.note, **told)
        if work.row["is_main"] and step in {Step.REPLY, Step.ANSWER, Step.CLOSE}:
            await _answer_joined(session, work, body)


def _require_desk(principal: Principal, step: Step) -> None:
    if principal.is_contractor and not RULES[step].by_handler:
        raise Forbidden(f"the step {step} is the call centre's; a contractor may take, finish, return, contact and note")


async def _look_before(session: AsyncSession, principal: Principal, work: Work, body: StepBody, held: dict[str, Row]) -> None:
    """What must be so before the step, beyond what the workflow says."""
    match body:
        case Filing(even_so=False):
            missed = cases.missed_stops(work.row)
            known = await store.open_about_missed(session, missed, but=work.row["case_id"]) if missed else []
            if known:
                text = f"case {known[0]} is about the same missed collection; join this one to it, or say `even_so`"
                raise Conflict(text, code="known_already")
        case Dispatching() if not (body.contractor_id or body.district_id):
            raise Invalid("say to whom: contractor_id or district_id")
        case Joining():
            await _make_main(session, principal, work.row, held.get(body.main_id))
        case Plain(step="approve_extension"):
            told = [*await store.history(session, work.row["case_id"]), *work.events]
            asked = [(one["actor"], one["person"]) for one in told if one["step"] == Step.ASK_EXTENSION]
            require_another(principal, body.person, asked[-1:], "asked for an extension")
        case Editing(category=str() as code) if reference.category(code, work.row["received_at"]) is None:
            raise Invalid(f"there is no category {code}", code="unknown_category")
        case _:
            return


async def _make_main(session: AsyncSession, principal: Principal, row: Row, main: Row | None) -> None:
    main = require_sight(principal, main)
    if main["case_id"] == row["case_id"]:
        raise Invalid("a case cannot be joined to itself")
    if main["status"] not in UNANSWERED:
        raise Conflict(f"the case to join is {main['status']}", code="main_is_over")
    if row["followers"] or row["is_main"]:
        raise Conflict("others are joined to this case or follow it; join the other way round", code="is_a_main")
    if not main["is_main"]:
        await store.put(session, main | {"is_main": True}, ["is_main"])


def _asked_seconds(work: Work, body: StepBody) -> int:
    if not isinstance(body, AskingExtension):
        return 0
    clock = work.standing.running(ClockKind.RESOLVE)
    day_seconds = work.terms.hours(clock is not None and clock.limit.working).day_seconds
    return round(body.amount * (day_seconds if body.unit == "days" else HOUR_SECONDS))


def _effect(work: Work, body: StepBody) -> dict[str, Any]:
    """What the step says beside status and clocks, into the row; what of it is new, for the history."""
    if isinstance(body, Editing):
        return _edited(work, body)
    values: dict[str, Any] = {}
    match body:
        case Dispatching():
            values = {"contractor_id": body.contractor_id, "handler_district_id": body.district_id}
        case Replying():
            values = {"reply": body.text}
        case CallingBack():
            values = {"solved": body.solved, "satisfaction": body.satisfaction and body.satisfaction.value}
        case Joining():
            values = {"main_id": body.main_id}
        case Plain(step="split"):
            values = {"main_id": None}
        case WithReason(step="reopen"):
            values = {"solved": False}
    told = work.set(**values)
    return told | ({"amount": body.amount, "unit": body.unit} if isinstance(body, AskingExtension) else {})


def _edited(work: Work, body: Editing) -> dict[str, Any]:
    said = body.model_dump(exclude_none=True, exclude={"step", "person", "note"})
    new = work.set(**said)
    intake.place(work.row)
    category = reference.category(work.row["category"], work.row["received_at"])
    work.row["matter_code"] = category.matter_code if category else None
    if new.keys() & {"category", "lon", "lat"} and intake.wants_evidence(work.row):
        work.row["evidence_wanted_at"] = work.at
    # Free text stays out of the history: it is in the case, and may be taken out of it.
    return {name: None if name in {"description", "address"} else value for name, value in new.items()}


async def _answer_joined(session: AsyncSession, main: Work, body: StepBody) -> None:
    """One answer for all: who was joined is told the same, and is closed with it."""
    for row in (await store.locked_joined_to(session, main.row["case_id"])).values():
        work = await cases.work_on(session, row, main.terms, main.actor, main.at)
        changes: list[ClockChange] = []
        if isinstance(body, Replying):
            work.set(reply=body.text)
            for kind in (ClockKind.CONTACT, ClockKind.RESOLVE):
                done = casework.stop(casework.Done(work.standing), kind, main.at)
                work.standing, changes = done.standing, [*changes, *done.changes]
        else:
            work.standing = replace(work.standing, status=ComplaintStatus.CLOSED)
        work.log(body.step, changes, person=body.person, note=f"with case {main.row['case_id']}")
        await cases.save(session, work)
