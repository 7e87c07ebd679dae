"""What the vehicle service stores. Positions, the large table, are keyed by vehicle and time and partitioned by day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import REAL, BigInteger, Boolean, Double, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db import Json, UtcTime


class VehicleTable(SQLModel, registry=registry()):
    """This service's own tables."""


class Vehicle(VehicleTable, table=True):
    """The registry. `waste_streams`: what the truck may carry."""

    vehicle_id: str = Field(primary_key=True)
    plate: str
    kind: str
    waste_streams: list[str] = Field(sa_type=Json)
    tare_kg: int
    capacity_kg: int
    contractor_id: str | None = Field(None, index=True)
    district_id: str | None = Field(None, index=True)
    onboard_unit_id: str | None = None
    revision: int
    registered_at: datetime = Field(sa_type=UtcTime)


class VehicleRevision(VehicleTable, table=True):
    """Whose a truck was and what it might carry, by every entry that the registry had of it."""

    __tablename__ = "vehicle_revision"

    vehicle_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    waste_streams: list[str] = Field(sa_type=Json)
    contractor_id: str | None = None
    district_id: str | None = None
    registered_at: datetime = Field(sa_type=UtcTime)


class VehicleState(VehicleTable, table=True):
    """The newest that is known of a vehicle, and what the alert rules remember. Its row lock orders a vehicle's writers.

    Written with every group of records: so no index but its key, and room in its pages for the next version of a row.
    """

    __tablename__ = "vehicle_state"

    vehicle_id: str = Field(primary_key=True)
    newest_at: datetime | None = Field(None, sa_type=UtcTime)
    """No stored position is newer, except for those up to `future_at`."""
    future_at: datetime | None = Field(None, sa_type=UtcTime)
    last_at: datetime | None = Field(None, sa_type=UtcTime)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = Field(None, sa_type=UtcTime)
    load_kg: int | None = None
    received_at: datetime | None = Field(None, sa_type=UtcTime)
    silence_judged_at: datetime | None = Field(None, sa_type=UtcTime)
    """The `last_at` whose silence has been looked at."""
    has_orders: bool = False
    """Whether a dispatch order waits to go out: read with the state, so that telemetry without orders asks nothing more."""
    motion: dict[str, Any] | None = Field(None, sa_type=Json)
    scales: dict[str, Any] | None = Field(None, sa_type=Json)
    records: int = Field(0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Positions and loads stored."""
    lifts: int = Field(0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Bin lifts stored."""


class PendingOrder(VehicleTable, table=True):
    """A dispatch order as its truck sees it. `waiting`: it goes out with every answer until the driver has said something."""

    __tablename__ = "pending_order"
    __table_args__ = (
        Index("pending_order_waiting", "vehicle_id", postgresql_where=text("waiting"), sqlite_where=text("waiting")),
    )

    order_id: str = Field(primary_key=True)
    revision: int
    vehicle_id: str
    given_at: datetime = Field(sa_type=UtcTime)
    waiting: bool
    shown: dict[str, Any] = Field(sa_type=Json)
    delivered_at: datetime | None = Field(None, sa_type=UtcTime)
    """When it first went out."""


class Checkpoint(VehicleTable, table=True):
    """What a fold remembered when a service day began, so that late data is folded again from there, not from the beginning."""

    vehicle_id: str = Field(primary_key=True)
    fold: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    state: dict[str, Any] = Field(sa_type=Json)


class Position(VehicleTable, table=True):
    """WGS-84 degrees, km/h, degrees clockwise from north, metres, km. `flags`: bits of `domain.quality.FLAGS`.

    `ordinal` tells the different records of one moment apart, in the order in which they came: nearly always 0.
    """

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


class BinLift(VehicleTable, table=True):
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


class LoadReading(VehicleTable, table=True):
    """Its key is all that it says: two different readings of one moment are both kept."""

    __tablename__ = "load_reading"

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    load_kg: int = Field(primary_key=True)
    state: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=UtcTime)
    flags: int = 0


class DriverReport(VehicleTable, table=True):
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


class ReportPhoto(VehicleTable, table=True):
    """A picture that belongs to a driver's report. Until that arrives, `report_id` is made of what the picture said of it."""

    __tablename__ = "report_photo"

    report_id: str = Field(primary_key=True)
    photo_id: str = Field(primary_key=True)
    vehicle_id: str
    jpeg: bytes = Field(sa_type=LargeBinary)
    width_px: int
    height_px: int
    received_at: datetime = Field(sa_type=UtcTime)


class Alert(VehicleTable, table=True):
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


class AlertRevision(VehicleTable, table=True):
    """What an alert said before it changed, and when we changed it."""

    __tablename__ = "alert_revision"

    alert_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    status: str
    last_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    value: float = Field(sa_type=Double)
    changed_at: datetime = Field(sa_type=UtcTime)


class Geofence(VehicleTable, table=True):
    fence_id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    rule: str
    polygon: list[Any] = Field(sa_type=Json)
    district_id: str | None = None
    valid_from: datetime = Field(sa_type=UtcTime)
    valid_to: datetime | None = Field(None, sa_type=UtcTime)
