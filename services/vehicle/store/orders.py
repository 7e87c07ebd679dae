"""Queries of dispatch orders that wait for their truck."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.orders import PendingOrder, WaitingOrder
from services.vehicle.tables.orders import PendingOrderRow
from shared.db import among, merge_rows
from shared.rows import columns_of, many, table_of, to_row

ORDER = table_of(PendingOrderRow)
ORDER_COLUMNS = tuple(ORDER.columns.keys())


async def save_orders(session: AsyncSession, orders: Iterable[PendingOrder]) -> None:
    """A revision that is not newer than the one stored changes nothing."""
    rows = [to_row(order, ORDER) for order in sorted(orders, key=lambda order: order.order_id)]
    await merge_rows(session, PendingOrderRow, ORDER_COLUMNS, [tuple(row.values()) for row in rows], _newer)


def _newer(stored: Any, new: Any) -> dict[str, ColumnElement[Any]]:
    changing = ("revision", "waiting", "shown")
    return {name: case((new.revision > stored.revision, new[name]), else_=stored[name]) for name in changing}


async def vehicles_with_orders(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    query = select(ORDER.c.vehicle_id).where(ORDER.c.waiting, among(session, ORDER.c.vehicle_id, list(ids)))
    return set((await session.execute(query.distinct())).scalars())


async def waiting_orders(session: AsyncSession, ids: Iterable[str], most: int) -> list[WaitingOrder]:
    """Of each vehicle at most so many: those that never went out first, each in the order in which they were given."""
    c = ORDER.c
    turn = func.row_number().over(partition_by=c.vehicle_id, order_by=(c.delivered_at.is_not(None), c.given_at, c.order_id))
    waiting = select(*columns_of(WaitingOrder, ORDER), turn.label("turn"))
    rows = waiting.where(c.waiting, among(session, c.vehicle_id, list(ids))).subquery()
    return await many(session, WaitingOrder, select(rows).where(rows.c.turn <= most).order_by(rows.c.vehicle_id, rows.c.turn))


async def mark_delivered(session: AsyncSession, order_ids: Sequence[str], at: datetime) -> None:
    await session.execute(update(ORDER).where(among(session, ORDER.c.order_id, order_ids)).values(delivered_at=at))
