"""A complaint becomes a dispatch order to a truck, and hears what became of it. The route service gives the order."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.cases import Case
from services.complaint.domain.orders import followed, is_news
from services.complaint.domain.work import Work
from services.complaint.domain.workflow import allowed
from services.complaint.schemas.complaints import ComplaintAnswer
from services.complaint.schemas.steps import OrderBody
from services.complaint.service import cases
from services.complaint.service.cases import refusals
from services.complaint.service.queries import answer
from services.complaint.store import cases as store
from shared.auth import Principal
from shared.clock import now
from shared.events.complaint import OrderWanted
from shared.events.route import OrderChanged, OrderRefused
from shared.ids import new_id
from shared.outbox import publish
from shared.vocabulary import ComplaintStep, OrderStatus

BY_ROUTE = "route"


async def want(session: AsyncSession, principal: Principal, case_id: str, body: OrderBody, zone: ZoneInfo) -> ComplaintAnswer:
    """Ask the route service for an extra pick-up there, within the asker's own scope."""
    case = await cases.lock(session, principal, case_id)
    request_id = new_id()
    with refusals():
        ordered = case.ordered(request_id, body.vehicle_id)
    work = await cases.work_on(session, case, zone, principal.token_id)
    changed = {"status": "wanted", "vehicle_id": body.vehicle_id}
    work = work.with_case(ordered).log("order", changed=changed)
    category = cases.category_of(case)
    event = OrderWanted(
        complaint_id=case_id,
        request_id=request_id,
        wanted_at=work.at,
        wanted_by=principal.token_id,
        district_ids=sorted(principal.scope.district_ids),
        contractor_ids=sorted(principal.scope.contractor_ids),
        vehicle_id=body.vehicle_id,
        stream=body.stream,
        lon=case.lon,
        lat=case.lat,
        due_at=body.due_at,
        place=f"{category.zh if category else ''} {case_id[:8]}".strip(),
    )
    await publish(session, event)
    return answer(await cases.save(session, work), now())


async def follow_orders(session: AsyncSession, events: Sequence[OrderChanged], zone: ZoneInfo) -> None:
    """An older fact changes nothing. Done: the case waits to be checked, and its evidence is asked for anew."""
    newest = {event.complaint_id: event for event in sorted(events, key=lambda event: event.revision) if event.complaint_id}
    for case_id, case in (await store.locked(session, sorted(newest))).items() if newest else ():
        event = newest[case_id]
        if is_news(case.order, event.order_id, event.revision):
            await _follow(session, case, event, zone)


async def _follow(session: AsyncSession, case: Case, event: OrderChanged, zone: ZoneInfo) -> None:
    work = await cases.work_on(session, case, zone, BY_ROUTE)
    order = followed(
        case.order,
        order_id=event.order_id,
        vehicle_id=event.vehicle_id,
        status=event.status,
        revision=event.revision,
        status_at=event.status_at,
        stop_id=event.stop_id,
    )
    changed = {"status": event.status.value, "order_id": event.order_id, "at": event.status_at.isoformat()}
    work = work.with_case(replace(case, order=order)).log("order", changed=changed)
    if event.status is OrderStatus.DONE:
        work = _finish(work.with_case(replace(work.case, evidence_wanted_at=work.at)))
    await cases.save(session, work)


def _finish(work: Work) -> Work:
    """Whoever it was dispatched to need not say again what the truck has done."""
    for step in (ComplaintStep.TAKE, ComplaintStep.FINISH):
        if allowed(work.standing.status, step):
            done = work.standing.perform(step, work.at, work.terms)
            work = work.standing_as(done).log(step.value, done.changes, note="the dispatch order is done")
    return work


async def note_refused(session: AsyncSession, events: Sequence[OrderRefused], zone: ZoneInfo) -> None:
    asked = {event.complaint_id: event for event in events}
    for case_id, case in (await store.locked(session, sorted(asked))).items():
        event = asked[case_id]
        if case.order is None or not case.order.answers(event.request_id):
            continue
        work = await cases.work_on(session, case, zone, BY_ROUTE)
        work = work.with_case(replace(case, order=case.order.refused(event.code, event.detail)))
        changed = {"status": "not_possible", "code": event.code}
        await cases.save(session, work.log("order", note=event.detail, changed=changed))
