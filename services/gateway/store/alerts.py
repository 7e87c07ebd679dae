"""Alerts of trucks in the read model."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.alerts import Alert
from services.gateway.store.stops import revisions
from services.gateway.store.vehicles import changed, seen
from services.gateway.tables.city import CityAlert
from shared.db import upsert
from shared.rows import many, table_of, to_rows
from shared.scope import Scope
from shared.vocabulary import AlertStatus

ALERT = table_of(CityAlert)
IS_OPEN = ALERT.c.status == AlertStatus.OPEN.value


async def alert_revisions(session: AsyncSession, ids: Iterable[str]) -> dict[str, int]:
    return await revisions(session, ALERT.c.alert_id, ALERT.c.revision, ids)


async def save_alerts(session: AsyncSession, alerts: Sequence[Alert]) -> None:
    await upsert(session, CityAlert, to_rows(alerts))


async def open_alert_counts(session: AsyncSession, scope: Scope) -> dict[str, int]:
    """By kind."""
    query = select(ALERT.c.kind, func.count()).where(IS_OPEN, *seen(scope, ALERT)).group_by(ALERT.c.kind)
    return dict([tuple(row) for row in await session.execute(query)])


async def newest_open_alerts(session: AsyncSession, scope: Scope, limit: int) -> list[Alert]:
    query = select(*ALERT.c).where(IS_OPEN, *seen(scope, ALERT)).order_by(ALERT.c.opened_at.desc()).limit(limit)
    return await many(session, Alert, query)


async def changed_alerts(session: AsyncSession, scope: Scope, since: int) -> list[Alert]:
    """Since 0: those that are open."""
    query = changed(ALERT.c, ALERT, scope, since)
    return await many(session, Alert, query if since else query.where(IS_OPEN))
