"""Dispatch orders and what was said of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.orders.dispatch import LIVE
from services.route.store.plan import RUN, STOP
from services.route.tables.facts import VehicleProgress
from services.route.tables.runs import DispatchOrder, OrderChange
from services.route.tables.timetable import Route
from shared.auth import Principal
from shared.db import among, insert_new
from shared.rows import table_of
from shared.scope import in_districts
from shared.vocabulary import OrderKind, OrderStatus

ORDER, CHANGE = table_of(DispatchOrder), table_of(OrderChange)
ROUTE, PROGRESS = table_of(Route), table_of(VehicleProgress)


async def is_known(session: AsyncSession, vehicle_id: str) -> bool:
    """Whether anybody has heard of a vehicle that is not in the registry: it sends, or drives."""
    seen = [select(table.c.vehicle_id).where(table.c.vehicle_id == vehicle_id).exists() for table in (PROGRESS, ROUTE, RUN)]
    return bool((await session.execute(select(or_(*seen)))).scalar())


async def add_order(session: AsyncSession, order: dict[str, Any]) -> None:
    await insert_new(session, DispatchOrder, [order])


async def order(session: AsyncSession, order_id: str) -> DispatchOrder | None:
    return await session.get(DispatchOrder, order_id, populate_existing=True)


async def orders_for_update(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Nobody else changes them until we commit."""
    query = select(*ORDER.c).where(among(session, ORDER.c.order_id, list(order_ids))).order_by(ORDER.c.order_id)
    return {row["order_id"]: dict(row) for row in (await session.execute(query.with_for_update())).mappings()}


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


async def unload_orders(session: AsyncSession, vehicle_ids: Iterable[str], given_until: datetime) -> list[dict[str, Any]]:
    """Orders to unload that these trucks have not done, oldest first. Nobody else changes them until we commit."""
    query = select(*ORDER.c).where(
        among(session, ORDER.c.vehicle_id, list(vehicle_ids)),
        ORDER.c.kind == OrderKind.UNLOAD.value,
        ORDER.c.given_at <= given_until,
        ORDER.c.status != OrderStatus.DONE.value,
    )
    return [dict(row) for row in (await session.execute(query.order_by(ORDER.c.order_id).with_for_update())).mappings()]


async def put_status(session: AsyncSession, order: dict[str, Any]) -> None:
    new = {name: order[name] for name in ("status", "status_at", "revision")}
    await session.execute(update(ORDER).where(ORDER.c.order_id == order["order_id"]).values(**new))


async def add_change(session: AsyncSession, change: dict[str, Any]) -> None:
    await insert_new(session, OrderChange, [change])


async def changes(session: AsyncSession, order_id: str) -> list[OrderChange]:
    query = select(OrderChange).where(CHANGE.c.order_id == order_id).order_by(CHANGE.c.seq)
    return list((await session.execute(query)).scalars())


async def page_of_orders(
    session: AsyncSession,
    principal: Principal,
    filters: dict[str, Any],
    after: str | None,
    limit: int,
    overdue_at: datetime | None,
) -> Sequence[DispatchOrder]:
    """Newest first, as their ids are; `overdue_at`: only those that are overdue then."""
    query: Select[Any] = select(DispatchOrder).where(*principal.scope.rows(ORDER))
    for column, value in filters.items():
        same = in_districts(ORDER.c.district_id, {value}) if column == "district_id" else ORDER.c[column] == value
        query = query.where(same)
    if overdue_at is not None:
        query = query.where(*_overdue(overdue_at))
    if after is not None:
        query = query.where(ORDER.c.order_id < after)
    return list((await session.execute(query.order_by(ORDER.c.order_id.desc()).limit(limit))).scalars())


async def overdue_by_kind(session: AsyncSession, at: datetime) -> dict[str, int]:
    query = select(ORDER.c.kind, func.count()).where(*_overdue(at)).group_by(ORDER.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


def _overdue(at: datetime) -> list[ColumnElement[bool]]:
    return [ORDER.c.status.in_([status.value for status in LIVE]), ORDER.c.due_at < at]
