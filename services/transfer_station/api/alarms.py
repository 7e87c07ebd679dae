"""Endpoints: alarms of stations."""

from fastapi import APIRouter

from services.transfer_station.api.access import Reader
from services.transfer_station.domain.alarms import AlarmFilters
from services.transfer_station.schemas.alarms import AlarmAnswer
from services.transfer_station.service import alarms
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery
from shared.errors import PROBLEMS
from shared.vocabulary import AlertStatus, StationAlarmKind

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/station-alarms", tags=["stations"], summary="Alarms of stations, newest first")
async def list_alarms(
    session: Transaction,
    principal: Reader,
    station_id: IdInQuery = None,
    status: AlertStatus | None = None,
    kind: StationAlarmKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AlarmAnswer]:
    asked = AlarmFilters(station_id=station_id, status=status, kind=kind)
    return await alarms.list_alarms(session, principal, asked, cursor, limit)


@router.get("/v1/station-alarms/{alarm_id}", tags=["stations"], summary="An alarm")
async def get_alarm(alarm_id: IdInPath, session: Transaction, principal: Reader) -> AlarmAnswer:
    return await alarms.get_alarm(session, principal, alarm_id)
