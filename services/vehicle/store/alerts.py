"""Queries of alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.store.vehicles import VEHICLE
from services.vehicle.tables.alerts import Alert, AlertRevision
from shared.auth import Principal
from shared.db import insert_new, upsert
from shared.rows import table_of

ALERT = table_of(Alert)


async def alerts_by_id(session: AsyncSession, ids: Sequence[str]) -> dict[str, Alert]:
    rows = await session.execute(select(Alert).where(ALERT.c.alert_id.in_(ids)))
    return {alert.alert_id: alert for alert in rows.scalars()}


async def alerts_since(session: AsyncSession, vehicle_id: str, kinds: Sequence[str], start: datetime | None) -> list[Alert]:
    """Alerts that opened at or after `start` and were not withdrawn."""
    query = select(Alert).where(ALERT.c.vehicle_id == vehicle_id, ALERT.c.kind.in_(kinds), ALERT.c.status != "withdrawn")
    query = query if start is None else query.where(ALERT.c.opened_at >= start)
    return list((await session.execute(query)).scalars())


async def open_alerts_before(session: AsyncSession, before: datetime) -> list[str]:
    """Ids of open alerts that opened before then."""
    query = select(ALERT.c.alert_id).where(ALERT.c.status == "open", ALERT.c.opened_at < before)
    return list((await session.execute(query)).scalars())


async def put_alerts(session: AsyncSession, alerts: Sequence[dict[str, Any]], changed_at: datetime) -> None:
    await upsert(session, Alert, alerts)
    kept = ("alert_id", "revision", "status", "last_at", "closed_at", "value")
    await insert_new(session, AlertRevision, [{name: a[name] for name in kept} | {"changed_at": changed_at} for a in alerts])


async def page_of_alerts(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: tuple[datetime, str] | None, limit: int
) -> list[Alert]:
    """Newest first."""
    query: Select[Any] = select(Alert).where(*principal.scope.rows(ALERT, vehicles=VEHICLE))
    for column, value in filters.items():
        query = query.where(ALERT.c[column] == value)
    if after is not None:
        at, alert_id = after
        query = query.where(or_(ALERT.c.opened_at < at, and_(ALERT.c.opened_at == at, ALERT.c.alert_id < alert_id)))
    return list((await session.execute(query.order_by(ALERT.c.opened_at.desc(), ALERT.c.alert_id.desc()).limit(limit))).scalars())


async def alert(session: AsyncSession, alert_id: str) -> Alert | None:
    return await session.get(Alert, alert_id)


async def alert_history(session: AsyncSession, alert_id: str) -> list[AlertRevision]:
    table = AlertRevision.__table__  # type: ignore[attr-defined]
    return list(
        (await session.execute(select(AlertRevision).where(table.c.alert_id == alert_id).order_by(table.c.revision))).scalars()
    )
