"""Dispatch orders and what was said of them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.orders.dispatch import DETAILS, LIVE, Details, DispatchOrder, OrderEntry, OrderFilters, details_as_json
from services.route.store.facts import PROGRESS
from services.route.store.filters import asked
from services.route.store.plan import RUN, STOP
from services.route.store.timetable import ROUTE
from services.route.tables.runs import DispatchOrderRow, OrderChangeRow
from shared.auth import Principal
from shared.db import among, insert_new
from shared.rows import columns_of, from_row, many, table_of, to_row
from shared.vocabulary import OrderKind, OrderStatus

ORDER, CHANGE = table_of(DispatchOrderRow), table_of(OrderChangeRow)


async def is_known(session: AsyncSession, vehicle_id: str) -> bool:
    """Whether anybody has heard of a vehicle that is not in the registry: it sends, or drives."""
    seen = [select(table.c.vehicle_id).where(table.c.vehicle_id == vehicle_id).exists() for table in (PROGRESS, ROUTE, RUN)]
    return bool((await session.execute(select(or_(*seen)))).scalar())


async def add_order(session: AsyncSession, order: DispatchOrder) -> None:
    await insert_new(session, DispatchOrderRow, [to_row(order) | {"details": details_as_json(order.details)}])


async def order(session: AsyncSession, order_id: str) -> DispatchOrder | None:
    orders = await _orders(session, select(*ORDER.c).where(ORDER.c.order_id == order_id))
    return orders[0] if orders else None


async def _orders(session: AsyncSession, query: Select[Any]) -> list[DispatchOrder]:
    rows = (await session.execute(query)).mappings()
    return [from_row(DispatchOrder, {**row, "details": _details(row["kind"], row["details"])}) for row in rows]


def _details(kind: str, stored: Mapping[str, str | float | None]) -> Details:
    """What was ordered, read by the order's kind; of unloading only what was said is stored."""
    details = DETAILS[OrderKind(kind)]
    return from_row(details, dict.fromkeys(field.name for field in fields(details)) | dict(stored))


async def orders_for_update(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, DispatchOrder]:
    """Nobody else changes them until we commit."""
    query = select(*ORDER.c).where(among(session, ORDER.c.order_id, list(order_ids))).order_by(ORDER.c.order_id)
    return {order.order_id: order for order in await _orders(session, query.with_for_update())}


async def orders_of_stops(session: AsyncSession, stop_ids: Iterable[str]) -> dict[str, str]:
    """The order that made each of these stops, where one did."""
    query = select(ORDER.c.stop_id, ORDER.c.order_id).where(ORDER.c.stop_id.is_not(None))
    rows = await session.execute(query.where(among(session, ORDER.c.stop_id, list(stop_ids))))
    return {row.stop_id: row.order_id for row in rows}


async def take_overs_served(session: AsyncSession, run_ids: Iterable[str]) -> dict[str, datetime]:
    """The orders that made these runs and have all their stops served, and when the last of those was."""
    query = select(ORDER.c.order_id, func.max(STOP.c.served_at).label("last")).join(STOP, STOP.c.run_id == ORDER.c.run_id)
    query = query.where(among(session, ORDER.c.run_id, list(run_ids)), ORDER.c.kind == OrderKind.TAKE_OVER.value)
    query = query.group_by(ORDER.c.order_id).having(func.count() == func.count(STOP.c.served_at))
    return {row.order_id: row.last for row in await session.execute(query)}


async def unload_orders(session: AsyncSession, vehicle_ids: Iterable[str], given_until: datetime) -> list[DispatchOrder]:
    """Orders to unload that these trucks have not done, oldest first. Nobody else changes them until we commit."""
    query = select(*ORDER.c).where(
        among(session, ORDER.c.vehicle_id, list(vehicle_ids)),
        ORDER.c.kind == OrderKind.UNLOAD.value,
        ORDER.c.given_at <= given_until,
        ORDER.c.status != OrderStatus.DONE.value,
    )
    return await _orders(session, query.order_by(ORDER.c.order_id).with_for_update())


async def save_status(session: AsyncSession, order: DispatchOrder) -> None:
    new = {"status": order.status.value, "status_at": order.status_at, "revision": order.revision}
    await session.execute(update(ORDER).where(ORDER.c.order_id == order.order_id).values(**new))


async def add_entry(session: AsyncSession, entry: OrderEntry) -> None:
    await insert_new(session, OrderChangeRow, [to_row(entry)])


async def history(session: AsyncSession, order_id: str) -> list[OrderEntry]:
    query = select(*columns_of(OrderEntry, CHANGE)).where(CHANGE.c.order_id == order_id).order_by(CHANGE.c.seq)
    return await many(session, OrderEntry, query)


async def page_of_orders(
    session: AsyncSession, principal: Principal, filters: OrderFilters, after: str | None, limit: int
) -> list[DispatchOrder]:
    """Newest first, as their ids are."""
    query = select(*ORDER.c).where(*principal.scope.rows(ORDER), *asked(filters, ORDER))
    if filters.overdue_at is not None:
        query = query.where(*_overdue(filters.overdue_at))
    if after is not None:
        query = query.where(ORDER.c.order_id < after)
    return await _orders(session, query.order_by(ORDER.c.order_id.desc()).limit(limit))


async def overdue_by_kind(session: AsyncSession, at: datetime) -> dict[str, int]:
    query = select(ORDER.c.kind, func.count()).where(*_overdue(at)).group_by(ORDER.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


def _overdue(at: datetime) -> list[ColumnElement[bool]]:
    return [ORDER.c.status.in_([status.value for status in LIVE]), ORDER.c.due_at < at]
