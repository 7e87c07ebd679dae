"""Tables: drivers' reports and their photos."""

from datetime import datetime

from sqlalchemy import Double, Index, LargeBinary, Text
from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import UtcTime


class DriverReportRow(VehicleTable, table=True):
    __tablename__ = "driver_report"
    __table_args__ = (Index("driver_report_vehicle_at", "vehicle_id", "at"),)

    report_id: str = Field(primary_key=True)
    vehicle_id: str
    at: datetime = Field(sa_type=UtcTime)
    code: str
    stop_id: str | None = None
    service_point_id: str | None = None
    note: str | None = Field(None, sa_type=Text)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    received_at: datetime = Field(sa_type=UtcTime)
    flags: int = 0


class ReportPhotoRow(VehicleTable, table=True):
    """A picture that belongs to a driver's report. Until that arrives, `report_id` is made of what the picture said of it."""

    __tablename__ = "report_photo"

    report_id: str = Field(primary_key=True)
    photo_id: str = Field(primary_key=True)
    vehicle_id: str
    jpeg: bytes = Field(sa_type=LargeBinary)
    width_px: int
    height_px: int
    received_at: datetime = Field(sa_type=UtcTime)
