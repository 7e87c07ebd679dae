"""Dispatch orders on their way to the truck: kept from the route service's events, handed out with answers to telemetry.

A vehicle's state row says whether any order waits. Telemetry locks that row anyway, so a group without orders asks nothing
more, and one with orders a single question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.orders import PendingOrder, ShownOrder
from services.vehicle.domain.vehicle_states import VehicleState
from services.vehicle.schemas.orders import TruckOrder
from services.vehicle.store import orders as store
from services.vehicle.store import vehicle_states
from shared.events.route import OrderChanged
from shared.events.vehicle import OrderDelivered
from shared.vocabulary import OrderStatus

MOST_SHOWN = 20
WAITING = {OrderStatus.OPEN, OrderStatus.DELIVERED}


async def save_orders(session: AsyncSession, events: Sequence[OrderChanged]) -> None:
    newest = {event.order_id: event for event in sorted(events, key=lambda event: event.revision)}
    vehicle_ids = {event.vehicle_id for event in newest.values()}
    # The state before its orders, as telemetry does.
    states = await vehicle_states.locked_states(session, vehicle_ids)
    await store.save_orders(session, [_pending(event) for event in newest.values()])
    waiting = await store.vehicles_with_orders(session, vehicle_ids)
    await vehicle_states.save_states(session, [state.with_orders(waiting=i in waiting) for i, state in states.items()])


def _pending(event: OrderChanged) -> PendingOrder:
    return PendingOrder(
        order_id=event.order_id,
        revision=event.revision,
        vehicle_id=event.vehicle_id,
        given_at=event.given_at,
        waiting=event.status in WAITING,
        shown=ShownOrder(**{field.name: getattr(event, field.name) for field in fields(ShownOrder)}),
        delivered_at=None,
    )


async def hand_out(
    session: AsyncSession, states: Mapping[str, VehicleState], at: datetime
) -> tuple[dict[str, list[TruckOrder]], list[OrderDelivered]]:
    """What goes out with the answers to these vehicles, whose states are locked; the events say what goes out first now."""
    receiving = [vehicle_id for vehicle_id, state in states.items() if state.has_orders]
    if not receiving:
        return {}, []
    shown: dict[str, list[TruckOrder]] = {}
    delivered = []
    for order in await store.waiting_orders(session, receiving, MOST_SHOWN):
        shown.setdefault(order.vehicle_id, []).append(TruckOrder.model_validate(order.shown))
        if order.delivered_at is None:
            delivered.append(OrderDelivered(order_id=order.order_id, vehicle_id=order.vehicle_id, delivered_at=at))
    if delivered:
        await store.mark_delivered(session, [event.order_id for event in delivered], at)
    return shown, delivered
