"""Tables: the stations' logs."""

from datetime import datetime

from sqlalchemy import Double, Index, Text
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import UtcTime


class LogEntryRow(StationTable, table=True):
    __tablename__ = "log_entry"
    __table_args__ = (Index("log_entry_at", "station_id", "at"),)

    entry_id: str = Field(primary_key=True)
    station_id: str
    kind: str
    value: float | None = Field(None, sa_type=Double)
    unit: str | None = None
    device_id: str | None = None
    note: str | None = Field(None, sa_type=Text)
    person: str | None = None
    at: datetime = Field(sa_type=UtcTime)
    recorded_at: datetime = Field(sa_type=UtcTime)
