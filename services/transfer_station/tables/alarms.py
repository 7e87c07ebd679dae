"""Tables: alarms of stations."""

from datetime import datetime

from sqlalchemy import Double, Index
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import UtcTime


class StationAlarmRow(StationTable, table=True):
    __tablename__ = "station_alarm"
    __table_args__ = (Index("station_alarm_opened", "opened_at", "alarm_id"), Index("station_alarm_subject", "subject", "status"))

    alarm_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    kind: str
    subject: str
    """What it is about, in one word: of a subject at most one alarm is open."""
    status: str
    ticket_id: str | None = None
    bay_id: str | None = None
    vehicle_id: str | None = None
    stream: str | None = None
    device_id: str | None = None
    opened_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    value: float | None = Field(None, sa_type=Double)
    limit: float | None = Field(None, sa_type=Double)
    changed_at: datetime = Field(sa_type=UtcTime)
