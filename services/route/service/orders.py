"""Dispatch orders: given by a dispatcher, delivered by the vehicle service, answered by drivers, ended by what trucks did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.orders.dispatch import (
    Change,
    DispatchOrder,
    NoDetails,
    OrderFilters,
    OrderRules,
    Unloading,
    details_as_json,
)
from services.route.domain.runs import is_ordered
from services.route.schemas.orders import (
    ExtraPickup,
    OrderAnswer,
    OrderBody,
    OrderChangeAnswer,
    OrderDetail,
    OrderReply,
    TakeOver,
    Unload,
)
from services.route.service import order_runs, verdict_records
from services.route.service.order_runs import NewOrder, OrderContent
from services.route.store import orders as store
from services.route.store import trucks
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Forbidden, Invalid, NotFound
from shared.events.incinerator import IntakeChanged
from shared.events.route import OrderChanged, StopJudged
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.events.vehicle import OrderDelivered
from shared.ids import new_id
from shared.outbox import publish
from shared.vocabulary import OrderKind, OrderStatus, TicketStatus, Verdict

ON_DELIVERY, ON_EVIDENCE = "delivery", "evidence"
"""Who says so, where it is not the bearer of a token."""


# --- given ------------------------------------------------------------------------------------------------------


async def give(session: AsyncSession, principal: Principal, body: OrderBody, zone: ZoneInfo) -> OrderDetail:
    at = now()
    new = await _new_order(session, principal, body.vehicle_id, at)
    if body.due_at is not None and body.due_at <= at:
        raise Invalid("due_at lies in the past")
    content = await _content(session, principal, new, body, zone)
    kind = OrderKind(body.kind)
    order = DispatchOrder(
        order_id=new.order_id,
        revision=1,
        kind=kind,
        vehicle_id=body.vehicle_id,
        district_id=content.district_id,
        contractor_id=new.contractor_id,
        given_at=at,
        given_by=principal.token_id,
        due_at=body.due_at or content.due_at or at + timedelta(minutes=_rules(at).due_minutes[kind]),
        text=body.text,
        details=content.details,
        complaint_id=body.complaint_id,
        status_at=at,
        run_id=content.run_id,
        stop_id=content.stop_id,
    )
    await store.add_order(session, order)
    opened = order.entry([], Change(OrderStatus.OPEN, at), by=principal.token_id, note="", at=now())
    await store.add_entry(session, opened)
    await publish(session, _changed(order, at))
    return await get_order(session, principal, order.order_id)


async def _content(session: AsyncSession, principal: Principal, new: NewOrder, body: OrderBody, zone: ZoneInfo) -> OrderContent:
    """What the order says of itself, by its kind."""
    if isinstance(body, ExtraPickup):
        return await order_runs.add_pickup(session, principal, new, body.details, zone)
    if isinstance(body, TakeOver):
        return await order_runs.take_over(session, principal, new, body.details.run_id)
    if isinstance(body, Unload):
        return OrderContent(None, None, new.district_id, Unloading(**body.details.model_dump()), None)
    return OrderContent(None, None, new.district_id, NoDetails(), None)


def _rules(at: datetime) -> OrderRules:
    return rulebooks.ORDER_RULES.at(at)


async def _new_order(session: AsyncSession, principal: Principal, vehicle_id: str, at: datetime) -> NewOrder:
    """To a truck that is the bearer's to tell what to do; else Forbidden, with the reason."""
    truck = (await trucks.trucks(session, [vehicle_id])).get(vehicle_id)
    district_id, contractor_id = (truck.district_id, truck.contractor_id) if truck else (None, None)
    if not principal.sees(district_id=district_id, contractor_id=contractor_id):
        reason = f"vehicle {vehicle_id} belongs to no district and contractor that this token reaches; ask its own dispatcher"
        raise Forbidden(reason, code="foreign")
    if truck is None and not await store.is_known(session, vehicle_id):
        raise Invalid(f"nobody has heard of vehicle {vehicle_id}; register it first", code="unknown_vehicle")
    return NewOrder(new_id(), vehicle_id, district_id, contractor_id, at)


# --- what is said of it -----------------------------------------------------------------------------------------


async def reply(session: AsyncSession, principal: Principal, order_id: str, answer: OrderReply) -> OrderDetail:
    """What the driver answered, by the onboard unit or through a dispatcher; an older answer is kept and moves nothing back."""
    order = await _locked_in_sight(session, principal, order_id)
    arrived_at = now()
    change = order.answered(OrderStatus(answer.status), answer.at, arrived_at, _rules(arrived_at))
    if change is not None:
        await _note(session, order, change, principal.token_id, answer.note)
    return await get_order(session, principal, order_id)


async def cancel(session: AsyncSession, principal: Principal, order_id: str, note: str) -> OrderDetail:
    """A stop that the order made is no longer waited for; stops that were taken over stay where they are."""
    unlocked = await _in_sight(session, principal, order_id)
    if unlocked.stop_id is not None and unlocked.status not in {OrderStatus.DONE, OrderStatus.CANCELLED}:
        # The stop before the order, as the judge does.
        reason = f"the dispatch order was cancelled. {note}".strip()
        await verdict_records.rule(session, principal, unlocked.stop_id, Verdict.EXCEPTED, reason)
    order = await _locked_in_sight(session, principal, order_id)
    change = order.cancelled(now())
    if change is not None:
        await _note(session, order, change, principal.token_id, note)
    return await get_order(session, principal, order_id)


async def note_delivered(session: AsyncSession, events: Sequence[OrderDelivered]) -> None:
    orders = await store.orders_for_update(session, {event.order_id for event in events})
    for event in events:
        if event.order_id in orders:
            change = Change(OrderStatus.DELIVERED, event.delivered_at)
            orders[event.order_id] = await _note(session, orders[event.order_id], change, ON_DELIVERY, "")


async def note_served(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """An order is done when what it asked for was served after it was given: by the time of the evidence."""
    served = {event.stop_id: event.served_at for event in events if event.served_at is not None}
    of_stop = await store.orders_of_stops(session, served) if served else {}
    done = {order_id: (served[stop_id], f"stop {stop_id} was served") for stop_id, order_id in of_stop.items()}
    taken = {event.run_id for event in events if event.stop_id in served and is_ordered(event.run_id)}
    whole = await store.take_overs_served(session, taken) if taken else {}
    done |= {order_id: (last_at, "all its stops were served") for order_id, last_at in whole.items()}
    orders = await store.orders_for_update(session, done) if done else {}
    for order_id, (served_at, note) in sorted(done.items()):
        order = orders[order_id]
        if served_at >= order.given_at:
            await _note(session, order, Change(OrderStatus.DONE, served_at), ON_EVIDENCE, note)


async def note_unloaded(session: AsyncSession, events: Sequence[WeighbridgeTicketChanged | IntakeChanged]) -> None:
    """A truck that was told to unload has done so when a station or plant has weighed it out since."""
    left: dict[str, list[tuple[datetime, str]]] = {}
    for event in events:
        at = event.left_at if isinstance(event, IntakeChanged) else event.weighed_out_at
        if event.vehicle_id is not None and event.status is TicketStatus.CLOSED and at is not None:
            left.setdefault(event.vehicle_id, []).append((at, event.ticket_id))
    latest = max((at for tickets in left.values() for at, _ in tickets), default=None)
    if latest is None:
        return
    for order in await store.unload_orders(session, left, latest):
        since = [ticket for ticket in sorted(left[order.vehicle_id]) if ticket[0] >= order.given_at]
        if since:
            at, ticket_id = since[0]
            await _note(session, order, Change(OrderStatus.DONE, at), ON_EVIDENCE, f"weighed out by ticket {ticket_id}")


async def _note(session: AsyncSession, order: DispatchOrder, change: Change, by: str, note: str) -> DispatchOrder:
    """Record what was said, once; tell the others when something else holds now. The order is locked."""
    history = await store.history(session, order.order_id)
    if change in {entry.change for entry in history}:
        return order
    entry = order.entry(history, change, by=by, note=note, at=now())
    await store.add_entry(session, entry)
    after = order.with_entry(history, entry)
    if after is not order:
        await store.save_status(session, after)
        await publish(session, _changed(after, now()))
    return after


def _changed(order: DispatchOrder, at: datetime) -> OrderChanged:
    return OrderChanged(
        order_id=order.order_id,
        revision=order.revision,
        changed_at=at,
        kind=order.kind,
        vehicle_id=order.vehicle_id,
        district_id=order.district_id,
        contractor_id=order.contractor_id,
        given_at=order.given_at,
        due_at=order.due_at,
        text=order.text,
        details=details_as_json(order.details),
        complaint_id=order.complaint_id,
        status=order.status,
        status_at=order.status_at,
        run_id=order.run_id,
        stop_id=order.stop_id,
    )


# --- read -------------------------------------------------------------------------------------------------------


async def _locked_in_sight(session: AsyncSession, principal: Principal, order_id: str) -> DispatchOrder:
    return _seen(principal, (await store.orders_for_update(session, [order_id])).get(order_id))


async def _in_sight(session: AsyncSession, principal: Principal, order_id: str) -> DispatchOrder:
    return _seen(principal, await store.order(session, order_id))


def _seen(principal: Principal, order: DispatchOrder | None) -> DispatchOrder:
    if order is None:
        raise NotFound("no such order")
    principal.require_sight(
        "order", vehicle_id=order.vehicle_id, district_id=order.district_id, contractor_id=order.contractor_id
    )
    return order


async def get_order(session: AsyncSession, principal: Principal, order_id: str) -> OrderDetail:
    order = await _in_sight(session, principal, order_id)
    history = [OrderChangeAnswer.model_validate(entry) for entry in await store.history(session, order_id)]
    return OrderDetail.describing(order, overdue=order.is_overdue(now()), history=history)


async def list_orders(
    session: AsyncSession, principal: Principal, filters: OrderFilters, overdue: bool, cursor: str | None, limit: int
) -> Page[OrderAnswer]:
    """Newest first."""
    key = decode_cursor(cursor, str)
    after, at = key[0] if key else None, now()
    filters = replace(filters, overdue_at=at) if overdue else filters
    orders = await store.page_of_orders(session, principal, filters, after, limit + 1)
    items = [OrderAnswer.describing(order, overdue=order.is_overdue(at)) for order in orders[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].order_id) if len(orders) > limit else None)
