"""Dispatch orders: given by a dispatcher, delivered by the vehicle service, answered by drivers, ended by what trucks did."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.orders.dispatch import Change, is_overdue, standing
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
from services.route.service import order_runs, verdicts
from services.route.store import orders as store
from services.route.store import trucks
from services.route.tables.runs import DispatchOrder
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import city_day, now
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events.incinerator import IntakeChanged
from shared.events.route import OrderChanged, StopJudged
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.events.vehicle import OrderDelivered
from shared.ids import new_id
from shared.outbox import publish
from shared.versions import in_force
from shared.vocabulary import OrderStatus, TicketStatus, Verdict

Order = dict[str, Any]
ON_DELIVERY, ON_EVIDENCE = "delivery", "evidence"
"""Who says so, where it is not the bearer of a token."""


# --- given ------------------------------------------------------------------------------------------------------


async def give(session: AsyncSession, principal: Principal, body: OrderBody, zone: ZoneInfo) -> OrderDetail:
    at = now()
    owner = await _owner(session, principal, body.vehicle_id)
    if body.due_at is not None and body.due_at <= at:
        raise Invalid("due_at lies in the past")
    order: Order = owner | {
        "order_id": new_id(),
        "revision": 1,
        "kind": body.kind,
        "vehicle_id": body.vehicle_id,
        "given_at": at,
        "given_by": principal.token_id,
        "due_at": body.due_at,
        "text": body.text,
        "details": {},
        "complaint_id": body.complaint_id,
        "status": OrderStatus.OPEN.value,
        "status_at": at,
        "run_id": None,
        "stop_id": None,
    }
    if isinstance(body, ExtraPickup):
        order = await order_runs.add_pickup(session, principal, order, body.details, zone)
    elif isinstance(body, TakeOver):
        order = await order_runs.take_over(session, principal, order, body.details.run_id)
    elif isinstance(body, Unload):
        order["details"] = body.details.model_dump(exclude_none=True)
    if order["due_at"] is None:
        rules = in_force(reference.order_rules(), city_day(at))
        order["due_at"] = at + timedelta(minutes=rules.due_minutes[body.kind])
    await store.add_order(session, order)
    await store.add_change(session, _entry(order, 1, Change(OrderStatus.OPEN, at), principal.token_id, ""))
    await publish(session, _changed(order, at))
    return await get_order(session, principal, order["order_id"])


async def _owner(session: AsyncSession, principal: Principal, vehicle_id: str) -> dict[str, str | None]:
    """Whose truck it is; Forbidden, with the reason, when that is beyond the bearer."""
    truck = (await trucks.trucks(session, [vehicle_id])).get(vehicle_id)
    owner = {name: getattr(truck, name, None) for name in ("district_id", "contractor_id")}
    if not principal.sees(**owner):
        reason = f"vehicle {vehicle_id} belongs to no district and contractor that this token reaches; ask its own dispatcher"
        raise Forbidden(reason, code="foreign")
    if truck is None and not await store.is_known(session, vehicle_id):
        raise Invalid(f"nobody has heard of vehicle {vehicle_id}; register it first", code="unknown_vehicle")
    return owner


# --- what is said of it -----------------------------------------------------------------------------------------


async def reply(session: AsyncSession, principal: Principal, order_id: str, said: OrderReply) -> OrderDetail:
    """What the driver answered, by the onboard unit or through a dispatcher; an older answer is kept and moves nothing back."""
    order = await _locked_in_sight(session, principal, order_id)
    arrived_at = now()
    skew = timedelta(minutes=in_force(reference.order_rules(), city_day(arrived_at)).clock_skew_minutes)
    if said.at is not None and said.at > arrived_at + skew:
        raise Invalid("`at` lies in the future; set the clock, or leave it out")
    status = OrderStatus(said.status)
    if said.at is not None or status != order["status"]:  # without a time, the same again is a repeat
        change = Change(status, max(said.at or arrived_at, order["given_at"]))
        await _note(session, order, change, principal.token_id, said.note)
    return await get_order(session, principal, order_id)


async def cancel(session: AsyncSession, principal: Principal, order_id: str, note: str) -> OrderDetail:
    """A stop that the order made is no longer waited for; stops that were taken over stay where they are."""
    found = await get_order(session, principal, order_id)
    if found.stop_id is not None and found.status not in {OrderStatus.DONE, OrderStatus.CANCELLED}:
        # The stop before the order, as the judge does.
        reason = f"the dispatch order was cancelled. {note}".strip()
        await verdicts.rule(session, principal, found.stop_id, Verdict.EXCEPTED, reason)
    order = await _locked_in_sight(session, principal, order_id)
    if order["status"] == OrderStatus.DONE:
        raise Conflict("the order is done; there is nothing to cancel")
    if order["status"] != OrderStatus.CANCELLED:
        await _note(session, order, Change(OrderStatus.CANCELLED, now()), principal.token_id, note)
    return await get_order(session, principal, order_id)


async def note_delivered(session: AsyncSession, events: Sequence[OrderDelivered]) -> None:
    orders = await store.orders_for_update(session, {event.order_id for event in events})
    for event in events:
        if event.order_id in orders:
            change = Change(OrderStatus.DELIVERED, event.delivered_at)
            await _note(session, orders[event.order_id], change, ON_DELIVERY, "")


async def note_served(session: AsyncSession, events: Sequence[StopJudged]) -> None:
    """An order is done when what it asked for was served after it was given: by the time of the evidence."""
    served = {event.stop_id: event.served_at for event in events if event.served_at is not None}
    of_stop = await store.orders_of_stops(session, served) if served else {}
    done = {order_id: (served[stop_id], f"stop {stop_id} was served") for stop_id, order_id in of_stop.items()}
    taken = {event.run_id for event in events if event.stop_id in served and order_runs.is_ordered(event.run_id)}
    whole = await store.take_overs_served(session, taken) if taken else {}
    done |= {order_id: (last_at, "all its stops were served") for order_id, last_at in whole.items()}
    orders = await store.orders_for_update(session, done) if done else {}
    for order_id, (served_at, note) in sorted(done.items()):
        order = orders[order_id]
        if served_at >= order["given_at"]:
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
        since = [ticket for ticket in sorted(left[order["vehicle_id"]]) if ticket[0] >= order["given_at"]]
        if since:
            at, ticket_id = since[0]
            await _note(session, order, Change(OrderStatus.DONE, at), ON_EVIDENCE, f"weighed out by ticket {ticket_id}")


async def _note(session: AsyncSession, order: Order, change: Change, by: str, note: str) -> None:
    """Keep what was said, once; tell the others when something else holds now. The order is locked."""
    known = await store.changes(session, order["order_id"])
    said = [Change(OrderStatus(entry.status), entry.at) for entry in known]
    if change in said:
        return
    await store.add_change(session, _entry(order, len(known) + 1, change, by, note))
    holds = standing([*said, change])
    if (holds.status, holds.at) == (order["status"], order["status_at"]):
        return
    order |= {"status": holds.status.value, "status_at": holds.at, "revision": order["revision"] + 1}
    await store.put_status(session, order)
    await publish(session, _changed(order, now()))


def _entry(order: Order, seq: int, change: Change, by: str, note: str) -> dict[str, Any]:
    entry = {"order_id": order["order_id"], "seq": seq, "status": change.status.value, "at": change.at}
    return entry | {"by": by, "note": note, "recorded_at": now()}


def _changed(order: Order, at: datetime) -> OrderChanged:
    return OrderChanged.model_validate(order | {"changed_at": at})


# --- read -------------------------------------------------------------------------------------------------------


async def _locked_in_sight(session: AsyncSession, principal: Principal, order_id: str) -> Order:
    order = (await store.orders_for_update(session, [order_id])).get(order_id)
    if order is None:
        raise NotFound("no such order")
    _require_sight(principal, order)
    return order


def _require_sight(principal: Principal, order: Order) -> None:
    principal.require_sight("order", **{name: order[name] for name in ("vehicle_id", "district_id", "contractor_id")})


async def get_order(session: AsyncSession, principal: Principal, order_id: str) -> OrderDetail:
    row = await store.order(session, order_id)
    if row is None:
        raise NotFound("no such order")
    _require_sight(principal, row.model_dump())
    history = [OrderChangeAnswer.model_validate(entry) for entry in await store.changes(session, order_id)]
    return OrderDetail.model_validate(_answer(row) | {"history": history})


async def list_orders(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], overdue: bool, cursor: str | None, limit: int
) -> Page[OrderAnswer]:
    """Newest first."""
    key = decode_cursor(cursor, str)
    after = key[0] if key else None
    rows = await store.page_of_orders(session, principal, filters, after, limit + 1, overdue_at=now() if overdue else None)
    items = [OrderAnswer.model_validate(_answer(row)) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].order_id) if len(rows) > limit else None)


def _answer(row: DispatchOrder) -> dict[str, Any]:
    return row.model_dump() | {"overdue": is_overdue(row.status, row.due_at, now())}
