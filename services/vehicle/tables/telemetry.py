"""Tables: what onboard units sent. Positions, the large table, are keyed by vehicle and time and partitioned by day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import REAL, Boolean, Double, Index, Integer, SmallInteger
from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import Json, UtcTime


class CheckpointRow(VehicleTable, table=True):
    """What a fold remembered when a service day began, so that late data is folded again from there, not from the beginning."""

    __tablename__ = "checkpoint"

    vehicle_id: str = Field(primary_key=True)
    fold: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    state: dict[str, Any] = Field(sa_type=Json)


class PositionRow(VehicleTable, table=True):
    """WGS-84 degrees, km/h, degrees clockwise from north, metres, km. `flags`: bits of `domain.quality.FLAGS`.

    `ordinal` tells the different records of one moment apart, in the order in which they came: nearly always 0.
    """

    __tablename__ = "position"
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    ordinal: int = Field(0, primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    speed_kmh: float | None = Field(None, sa_type=REAL)
    heading_deg: float | None = Field(None, sa_type=REAL)
    altitude_m: float | None = Field(None, sa_type=REAL)
    ignition: bool | None = Field(None, sa_type=Boolean)
    odometer_km: float | None = Field(None, sa_type=Double)
    satellites: int | None = Field(None, sa_type=SmallInteger)
    received_at: datetime = Field(sa_type=UtcTime)
    flags: int = Field(0, sa_type=Integer)


class BinLiftRow(VehicleTable, table=True):
    __tablename__ = "bin_lift"
    __table_args__ = (Index("bin_lift_vehicle_at", "vehicle_id", "at"),)

    lift_id: str = Field(primary_key=True)
    vehicle_id: str
    at: datetime = Field(sa_type=UtcTime)
    tag: str | None = None
    service_point_id: str | None = None
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    gross_kg: int | None = None
    tare_kg: int | None = None
    net_kg: int
    side: str | None = None
    manual: bool = False
    error_codes: list[str] = Field(sa_type=Json)
    received_at: datetime = Field(sa_type=UtcTime)
    flags: int = 0


class LoadReadingRow(VehicleTable, table=True):
    """Its key is all that it says: two different readings of one moment are both kept."""

    __tablename__ = "load_reading"

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    load_kg: int = Field(primary_key=True)
    state: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=UtcTime)
    flags: int = 0
