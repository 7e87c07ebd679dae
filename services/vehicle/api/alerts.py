"""Endpoints: alerts."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.vehicle.api.access import Dispatcher
from services.vehicle.domain.alerts import AlertFilters
from services.vehicle.schemas.alerts import AlertAnswer, AlertDetail
from services.vehicle.service import tracks
from shared.bodies import ID_PATTERN, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS
from shared.vocabulary import AlertKind, AlertStatus

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/alerts", tags=["alerts"], summary="Alerts, newest first")
async def list_alerts(
    session: Transaction,
    principal: Dispatcher,
    status: AlertStatus | None = None,
    kind: AlertKind | None = None,
    vehicle_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AlertAnswer]:
    filters = AlertFilters(status=status, kind=kind, vehicle_id=vehicle_id)
    return await tracks.list_alerts(session, principal, filters, cursor, limit)


@router.get("/v1/alerts/{alert_id}", tags=["alerts"], summary="An alert with its history")
async def get_alert(alert_id: IdInPath, session: Transaction, principal: Dispatcher) -> AlertDetail:
    return await tracks.get_alert(session, principal, alert_id)
