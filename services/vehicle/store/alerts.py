"""Queries of alerts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.alerts import Alert, AlertFilters, AlertRevision
from services.vehicle.store.vehicles import VEHICLE
from services.vehicle.tables.alerts import AlertRevisionRow, AlertRow
from shared.auth import Principal
from shared.db import insert_new, upsert
from shared.rows import columns_of, many, matching, one, table_of, to_rows
from shared.vocabulary import AlertKind, AlertStatus

ALERT, REVISION = table_of(AlertRow), table_of(AlertRevisionRow)


async def alerts_by_id(session: AsyncSession, ids: Sequence[str]) -> dict[str, Alert]:
    query = select(*ALERT.c).where(ALERT.c.alert_id.in_(ids))
    return {alert.alert_id: alert for alert in await many(session, Alert, query)}


async def ids_since(session: AsyncSession, vehicle_id: str, kinds: Sequence[AlertKind], start: datetime | None) -> list[str]:
    """Of alerts that opened at or after `start` and were not withdrawn."""
    c = ALERT.c
    stands = (c.kind.in_([kind.value for kind in kinds]), c.status != AlertStatus.WITHDRAWN.value)
    query = select(c.alert_id).where(c.vehicle_id == vehicle_id, *stands)
    query = query if start is None else query.where(c.opened_at >= start)
    return list((await session.execute(query)).scalars())


async def open_alerts_before(session: AsyncSession, before: datetime) -> list[str]:
    """Ids of open alerts that opened before then."""
    query = select(ALERT.c.alert_id).where(ALERT.c.status == AlertStatus.OPEN.value, ALERT.c.opened_at < before)
    return list((await session.execute(query)).scalars())


async def save_alerts(session: AsyncSession, alerts: Sequence[Alert], changed_at: datetime) -> None:
    await upsert(session, AlertRow, to_rows(alerts))
    await insert_new(session, AlertRevisionRow, to_rows(alert.revision_at(changed_at) for alert in alerts))


async def page_of_alerts(
    session: AsyncSession, principal: Principal, filters: AlertFilters, after: tuple[datetime, str] | None, limit: int
) -> list[Alert]:
    """Newest first."""
    c = ALERT.c
    query = select(*c).where(*principal.scope.rows(ALERT, vehicles=VEHICLE), *matching(filters, ALERT))
    if after is not None:
        at, alert_id = after
        query = query.where(or_(c.opened_at < at, and_(c.opened_at == at, c.alert_id < alert_id)))
    return await many(session, Alert, query.order_by(c.opened_at.desc(), c.alert_id.desc()).limit(limit))


async def alert(session: AsyncSession, alert_id: str) -> Alert | None:
    return await one(session, Alert, select(*ALERT.c).where(ALERT.c.alert_id == alert_id))


async def alert_history(session: AsyncSession, alert_id: str) -> list[AlertRevision]:
    query = select(*columns_of(AlertRevision, REVISION)).where(REVISION.c.alert_id == alert_id)
    return await many(session, AlertRevision, query.order_by(REVISION.c.revision))
