"""Queries of dispatch orders that wait for their truck."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.tables.orders import PendingOrder
from shared.db import among, merge_rows
from shared.rows import table_of

ORDER = table_of(PendingOrder)
ORDER_COLUMNS = tuple(ORDER.columns.keys())


async def put_orders(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """A revision that is not newer than the one held changes nothing."""
    rows = sorted(rows, key=lambda row: str(row["order_id"]))
    await merge_rows(session, PendingOrder, ORDER_COLUMNS, [tuple(row[name] for name in ORDER_COLUMNS) for row in rows], _newer)


def _newer(held: Any, new: Any) -> dict[str, Any]:
    changing = ("revision", "waiting", "shown")
    return {name: case((new.revision > held.revision, new[name]), else_=held[name]) for name in changing}


async def vehicles_with_orders(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    query = select(ORDER.c.vehicle_id).where(ORDER.c.waiting, among(session, ORDER.c.vehicle_id, list(ids)))
    return set((await session.execute(query.distinct())).scalars())


async def waiting_orders(session: AsyncSession, ids: Iterable[str], most: int) -> Sequence[Any]:
    """Of each vehicle at most so many: those that never went out first, each in the order in which they were given."""
    c = ORDER.c
    turn = func.row_number().over(partition_by=c.vehicle_id, order_by=(c.delivered_at.is_not(None), c.given_at, c.order_id))
    waiting = select(c.order_id, c.vehicle_id, c.shown, c.delivered_at, turn.label("turn"))
    rows = waiting.where(c.waiting, among(session, c.vehicle_id, list(ids))).subquery()
    return (await session.execute(select(rows).where(rows.c.turn <= most).order_by(rows.c.vehicle_id, rows.c.turn))).all()


async def mark_delivered(session: AsyncSession, order_ids: Sequence[str], at: datetime) -> None:
    await session.execute(update(ORDER).where(among(session, ORDER.c.order_id, order_ids)).values(delivered_at=at))
