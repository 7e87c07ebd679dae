"""Endpoints: dispatch orders and their answers."""

from typing import Annotated

from fastapi import APIRouter, Body, Request

from services.route.api.access import Dispatcher, Reader
from services.route.domain.orders.dispatch import OrderFilters
from services.route.schemas.orders import Cancellation, OrderAnswer, OrderBody, OrderDetail, OrderReply
from services.route.service import orders
from shared.bodies import Code, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery
from shared.errors import PROBLEMS
from shared.vocabulary import OrderStatus

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/orders", tags=["orders"], summary="Tell a truck what to do")
async def give_order(
    request: Request, body: Annotated[OrderBody, Body()], session: Transaction, principal: Dispatcher
) -> OrderDetail:
    """It goes out with the answer to the truck's next telemetry. An extra pick-up is a run of one stop, judged as every stop
    and done when that is served; a take-over moves what a run has left to this truck."""
    return await orders.give(session, principal, body, request.app.state.resources.settings.zone)


@router.get("/v1/orders", tags=["orders"], summary="Dispatch orders, newest first")
async def list_orders(
    session: Transaction,
    principal: Reader,
    vehicle_id: IdInQuery = None,
    status: OrderStatus | None = None,
    overdue: bool = False,
    district_id: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[OrderAnswer]:
    """A device sees those of its own vehicle. `overdue=true`: only those that wait beyond their time."""
    filters = OrderFilters(vehicle_id=vehicle_id, status=status, within_district=district_id)
    return await orders.list_orders(session, principal, filters, overdue, cursor, limit)


@router.get("/v1/orders/{order_id}", tags=["orders"], summary="An order with all that was said of it")
async def get_order(order_id: IdInPath, session: Transaction, principal: Reader) -> OrderDetail:
    return await orders.get_order(session, principal, order_id)


@router.post("/v1/orders/{order_id}/answers", tags=["orders"], summary="Accept, refuse or report it done")
async def answer_order(order_id: IdInPath, body: OrderReply, session: Transaction, principal: Reader) -> OrderDetail:
    """By the onboard unit, or by a dispatcher for a driver on the phone. The same again changes nothing; an answer that arrives
    late counts at its own time. The status in the answer is what holds: an order may be cancelled meanwhile."""
    return await orders.reply(session, principal, order_id, body)


@router.post("/v1/orders/{order_id}/cancel", tags=["orders"], summary="Take an order back")
async def cancel_order(order_id: IdInPath, body: Cancellation, session: Transaction, principal: Dispatcher) -> OrderDetail:
    """The stop of an extra pick-up is excepted; stops that were taken over stay with their truck until another takes them."""
    return await orders.cancel(session, principal, order_id, body.note)
