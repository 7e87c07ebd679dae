"""Dispatch orders on their way to the truck: kept from the route service's events, handed out with answers to telemetry.

A vehicle's state row says whether any order waits. Telemetry locks that row anyway, so a group without orders asks nothing
more, and one with orders a single question.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.schemas.orders import TruckOrder
from services.vehicle.store import orders, vehicle_states
from shared.events.route import OrderChanged
from shared.events.vehicle import OrderDelivered
from shared.vocabulary import OrderStatus

MOST_SHOWN = 20
WAITING = {OrderStatus.OPEN, OrderStatus.DELIVERED}
SHOWN = set(TruckOrder.model_fields)


async def keep_orders(session: AsyncSession, events: Sequence[OrderChanged]) -> None:
    newest = {event.order_id: event for event in sorted(events, key=lambda event: event.revision)}
    vehicle_ids = {event.vehicle_id for event in newest.values()}
    # The state before its orders, as telemetry does.
    states = await vehicle_states.locked_states(session, vehicle_ids)
    await orders.put_orders(session, [_row(event) for event in newest.values()])
    waiting = await orders.vehicles_with_orders(session, vehicle_ids)
    await vehicle_states.put_states(session, [state | {"has_orders": i in waiting} for i, state in states.items()])


def _row(event: OrderChanged) -> dict[str, Any]:
    kept = {"order_id": event.order_id, "revision": event.revision, "vehicle_id": event.vehicle_id, "given_at": event.given_at}
    shown = event.model_dump(mode="json", include=SHOWN)
    return kept | {"waiting": event.status in WAITING, "shown": shown, "delivered_at": None}


async def hand_out(
    session: AsyncSession, states: Mapping[str, Mapping[str, Any]], at: datetime
) -> tuple[dict[str, list[TruckOrder]], list[OrderDelivered]]:
    """What goes out with the answers to these vehicles, whose states are locked; the events say what goes out first now."""
    receiving = [vehicle_id for vehicle_id, state in states.items() if state["has_orders"]]
    if not receiving:
        return {}, []
    shown: dict[str, list[TruckOrder]] = {}
    delivered = []
    for row in await orders.waiting_orders(session, receiving, MOST_SHOWN):
        shown.setdefault(row.vehicle_id, []).append(TruckOrder.model_validate(row.shown))
        if row.delivered_at is None:
            delivered.append(OrderDelivered(order_id=row.order_id, vehicle_id=row.vehicle_id, delivered_at=at))
    if delivered:
        await orders.mark_delivered(session, [event.order_id for event in delivered], at)
    return shown, delivered
