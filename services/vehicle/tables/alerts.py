"""Tables: alerts."""

from datetime import datetime

from sqlalchemy import Double, Index
from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import UtcTime


class AlertRow(VehicleTable, table=True):
    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_vehicle_opened", "vehicle_id", "opened_at"),
        Index("alert_status_opened", "status", "opened_at"),
    )

    alert_id: str = Field(primary_key=True)
    revision: int
    vehicle_id: str
    kind: str
    subject_id: str
    status: str
    opened_at: datetime = Field(sa_type=UtcTime)
    last_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    value: float = Field(sa_type=Double)
    limit: float = Field(sa_type=Double)


class AlertRevisionRow(VehicleTable, table=True):
    """What an alert said before it changed, and when we changed it."""

    __tablename__ = "alert_revision"

    alert_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    status: str
    last_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    value: float = Field(sa_type=Double)
    changed_at: datetime = Field(sa_type=UtcTime)
