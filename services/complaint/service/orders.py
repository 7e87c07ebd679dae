"""A complaint becomes a dispatch order to a truck, and hears what became of it. The route service gives the order."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint import reference
from services.complaint.domain import casework
from services.complaint.domain.workflow import UNANSWERED, allowed
from services.complaint.schemas.complaints import ComplaintAnswer
from services.complaint.schemas.steps import OrderBody
from services.complaint.service import cases
from services.complaint.service.cases import Work
from services.complaint.service.queries import answer
from services.complaint.service.terms import calendar, terms_of
from services.complaint.service.workflow import require_sight
from services.complaint.store import cases as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid
from shared.events.complaint import OrderWanted
from shared.events.route import OrderChanged, OrderRefused
from shared.ids import new_id
from shared.outbox import publish
from shared.vocabulary import ComplaintStep, OrderStatus

BY_ROUTE = "route"
ENDED = frozenset({"refused", "cancelled", "done", "not_possible"})


async def want(session: AsyncSession, principal: Principal, case_id: str, body: OrderBody, zone: ZoneInfo) -> ComplaintAnswer:
    """Ask the route service for an extra pick-up there, within the asker's own scope."""
    row = require_sight(principal, (await store.locked(session, [case_id])).get(case_id))
    if row["status"] not in UNANSWERED:
        raise Conflict(f"the case is {row['status']}", code="over")
    if row["lon"] is None:
        raise Invalid("the case has no place; edit it first", code="no_place")
    if row["order"] is not None and row["order"]["status"] not in ENDED:
        raise Conflict("an order for this case is under way", code="ordered_before")
    work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), principal.token_id)
    request_id = new_id()
    row["order"] = {"request_id": request_id, "vehicle_id": body.vehicle_id, "status": "wanted", "order_id": None, "revision": 0}
    work.log("order", status="wanted", vehicle_id=body.vehicle_id)
    category = reference.category(row["category"], row["received_at"])
    event = OrderWanted(
        complaint_id=case_id,
        request_id=request_id,
        wanted_at=work.at,
        wanted_by=principal.token_id,
        district_ids=sorted(principal.scope.district_ids),
        contractor_ids=sorted(principal.scope.contractor_ids),
        vehicle_id=body.vehicle_id,
        stream=body.stream,
        lon=row["lon"],
        lat=row["lat"],
        due_at=body.due_at,
        place=f"{category.zh if category else ''} {case_id[:8]}".strip(),
    )
    await publish(session, event)
    return answer(await cases.save(session, work), now())


async def follow_orders(session: AsyncSession, events: Sequence[OrderChanged], zone: ZoneInfo) -> None:
    """An older fact changes nothing. Done: the case waits to be checked, and its evidence is asked for anew."""
    newest = {event.complaint_id: event for event in sorted(events, key=lambda event: event.revision) if event.complaint_id}
    for case_id, row in (await store.locked(session, sorted(newest))).items() if newest else ():
        event = newest[case_id]
        held = row["order"] or {}
        if held.get("order_id") == event.order_id and held.get("revision", 0) >= event.revision:
            continue
        work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), BY_ROUTE)
        row["order"] = held | {
            "order_id": event.order_id,
            "vehicle_id": event.vehicle_id,
            "status": event.status.value,
            "revision": event.revision,
            "status_at": event.status_at.isoformat(),
            "stop_id": event.stop_id,
        }
        work.log("order", status=event.status.value, order_id=event.order_id, at=event.status_at.isoformat())
        if event.status is OrderStatus.DONE:
            row["evidence_wanted_at"] = work.at
            _finish(work)
        await cases.save(session, work)


def _finish(work: Work) -> None:
    """Whoever it was dispatched to need not say again what the truck has done."""
    for step in (ComplaintStep.TAKE, ComplaintStep.FINISH):
        if allowed(work.standing.status, step):
            done = casework.perform(work.standing, step, work.at, work.terms)
            work.standing = done.standing
            work.log(step.value, done.changes, note="the dispatch order is done")


async def note_refused(session: AsyncSession, events: Sequence[OrderRefused], zone: ZoneInfo) -> None:
    asked = {event.complaint_id: event for event in events}
    for case_id, row in (await store.locked(session, sorted(asked))).items():
        event, held = asked[case_id], row["order"] or {}
        if held.get("request_id") != event.request_id or held["status"] != "wanted":
            continue
        work = await cases.work_on(session, row, terms_of(row, await calendar(session), zone), BY_ROUTE)
        row["order"] = held | {"status": "not_possible", "detail": event.detail, "code": event.code}
        work.log("order", note=event.detail, status="not_possible", code=event.code)
        await cases.save(session, work)
