"""A case changes: case, clocks, history and event in one transaction. The caller has locked the case."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import rulebooks
from services.complaint.domain.cases import Case
from services.complaint.domain.categories import Category
from services.complaint.domain.refusals import BadValue, Refused
from services.complaint.domain.work import Work
from services.complaint.service.terms import calendar, terms_of
from services.complaint.store import cases as store
from shared.auth import Principal
from shared.calendar import Calendar
from shared.clock import now
from shared.db import wake
from shared.errors import Conflict, Invalid, NotFound
from shared.events.complaint import ComplaintChanged
from shared.outbox import publish


@contextmanager
def refusals() -> Iterator[None]:
    """What the rules refuse, as the error that the caller gets."""
    try:
        yield
    except BadValue as error:
        raise Invalid(error.detail, code=error.code) from error
    except Refused as error:
        raise Conflict(error.detail, code=error.code) from error


def require_sight(principal: Principal, case: Case | None) -> Case:
    """A handler sees what was dispatched to it, a district what lies in it."""
    if case is None or not principal.sees(district_id=case.district_id, contractor_id=case.contractor_id):
        raise NotFound("no such complaint")
    return case


async def get(session: AsyncSession, principal: Principal, case_id: str) -> Case:
    return require_sight(principal, await store.case(session, case_id))


async def lock(session: AsyncSession, principal: Principal, case_id: str) -> Case:
    return require_sight(principal, (await store.locked(session, [case_id])).get(case_id))


def category_of(case: Case) -> Category | None:
    """By the rules of the day it came in."""
    return rulebooks.category(case.category, case.received_at)


def missed_stops(case: Case) -> list[str]:
    return case.missed_stops(category_of(case))


async def work_on(session: AsyncSession, case: Case, zone: ZoneInfo, actor: str, days: Calendar | None = None) -> Work:
    """`days`: the calendar, where the caller has it."""
    terms = terms_of(case, await calendar(session) if days is None else days, zone)
    return Work.on(case, await store.clocks(session, case.case_id), terms, actor, now())


async def work_with(session: AsyncSession, case: Case, main: Work) -> Work:
    """On a case that was joined to another, in one go with that."""
    return Work.on(case, await store.clocks(session, case.case_id), main.terms, main.actor, main.at)


async def save(session: AsyncSession, work: Work) -> Case:
    """All of it, and one event of how the case stands now."""
    case = work.result()
    if work.stored is None:
        await store.add_cases(session, [case])
    else:
        await store.save_case(session, work.stored, case)
    await store.save_clocks(session, work.recorded_clocks())
    await store.add_events(session, work.events)
    await publish(session, changed(case))
    if work.stored is None and case.evidence_wanted_at is not None:
        wake(session, "evidence")
    return case


def changed(case: Case) -> ComplaintChanged:
    decimals = rulebooks.INTAKE_RULES.at(case.received_at).public_decimals
    return ComplaintChanged(
        complaint_id=case.case_id,
        revision=case.revision,
        changed_at=case.changed_at,
        channel=case.channel,
        category=case.category,
        matter_code=case.matter_code,
        district_id=case.district_id,
        contractor_id=case.contractor_id,
        lon=None if case.lon is None else round(case.lon, decimals),
        lat=None if case.lat is None else round(case.lat, decimals),
        status=case.status,
        open=case.is_open,
        requested_at=case.requested_at,
        closed_at=case.closed_at,
        yellow_at=case.yellow_at,
        due_at=case.due_at,
        level=case.level,
        main_id=case.main_id,
        stop_ids=missed_stops(case),
        order_id=case.order and case.order.order_id,
        contacted_in_time=case.contacted_in_time,
        resolved_in_time=case.resolved_in_time,
        solved=case.solved,
        satisfaction=case.satisfaction,
        returned=case.returned,
    )
