"""The city as it is now, built from events alone. `changed_seq` orders all changes, so that a console can catch up."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Index, text
from sqlmodel import Field

from services.gateway.tables.base import GatewayTable
from shared.db import Json, UtcTime


class CityClock(GatewayTable, table=True):
    """One row. Taking the next number locks it until the commit, so numbers become visible in order."""

    __tablename__ = "city_clock"

    id: int = Field(1, primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class CityPart(GatewayTable, table=True):
    """`as_of`: everything its service published before then is in the view; never later than when it arrived.

    `ahead_seconds`: how far ahead of ours the service's clock was when it last said that it lives.
    """

    __tablename__ = "city_part"

    service: str = Field(primary_key=True)
    as_of: datetime = Field(sa_type=UtcTime)
    ahead_seconds: int = 0


class CityVehicle(GatewayTable, table=True):
    """The newest of a vehicle; `records` and `lifts` count each stored record once."""

    __tablename__ = "city_vehicle"

    vehicle_id: str = Field(primary_key=True)
    revision: int = 0
    plate: str = ""
    kind: str = "other"
    waste_streams: list[str] = Field(sa_type=Json)
    district_id: str | None = None
    contractor_id: str | None = None
    last_at: datetime | None = Field(None, sa_type=UtcTime)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = Field(None, sa_type=UtcTime)
    load_kg: int | None = None
    records: int = Field(0, sa_type=BigInteger)
    lifts: int = Field(0, sa_type=BigInteger)
    lifts_purged_before: datetime | None = Field(None, sa_type=UtcTime)
    """Older ones are in the flows, and no longer known by their ids."""
    lifts_resent_at: datetime | None = Field(None, sa_type=UtcTime)
    """When a resent lift last came: old lifts are not purged until a day after it, so that none of them counts twice."""
    changed_seq: int = Field(0, sa_type=BigInteger, index=True)


class CityRun(GatewayTable, table=True):
    __tablename__ = "city_run"
    __table_args__ = (Index("city_run_vehicle_day", "vehicle_id", "service_day"),)

    run_id: str = Field(primary_key=True)
    revision: int
    route_name: str
    service_day: date = Field(index=True)
    vehicle_id: str | None = None
    district_id: str | None = None
    stream: str


class CityStop(GatewayTable, table=True):
    """`revision` 0: planned, not judged yet."""

    __tablename__ = "city_stop"

    stop_id: str = Field(primary_key=True)
    run_id: str = Field(index=True)
    service_day: date = Field(index=True)
    vehicle_id: str | None = None
    district_id: str | None = None
    seq: int
    name: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    window_start: datetime = Field(sa_type=UtcTime)
    window_end: datetime = Field(sa_type=UtcTime)
    verdict: str
    revision: int = 0
    served_at: datetime | None = Field(None, sa_type=UtcTime)
    changed_seq: int = Field(sa_type=BigInteger, index=True)


class CityAlert(GatewayTable, table=True):
    """Whose district it is, its vehicle says, which may be registered after its first alert."""

    __tablename__ = "city_alert"
    __table_args__ = (Index("city_alert_status_opened", "status", "opened_at"),)

    alert_id: str = Field(primary_key=True)
    revision: int
    vehicle_id: str = Field(index=True)
    kind: str
    status: str
    subject_id: str = ""
    opened_at: datetime = Field(sa_type=UtcTime)
    last_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    value: float = Field(sa_type=Double)
    limit: float = Field(sa_type=Double)
    changed_seq: int = Field(sa_type=BigInteger, index=True)


class CityViolation(GatewayTable, table=True):
    __tablename__ = "city_violation"
    __table_args__ = (Index("city_violation_day", "service_day", "status"),)

    violation_id: str = Field(primary_key=True)
    revision: int
    kind: str
    status: str
    service_day: date
    vehicle_id: str
    contractor_id: str | None = None
    district_id: str | None = None


class CityDistrict(GatewayTable, table=True):
    """`geometry`: GeoJSON Polygon or MultiPolygon in WGS-84."""

    __tablename__ = "city_district"

    district_id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    geometry: dict[str, Any] = Field(sa_type=Json)


class CityComplaint(GatewayTable, table=True):
    """`yellow_at`, `due_at`: of its running clock, which turns while nothing is told of it."""

    __tablename__ = "city_complaint"
    __table_args__ = (Index("city_complaint_open", "district_id", postgresql_where=text("open"), sqlite_where=text("open")),)

    complaint_id: str = Field(primary_key=True)
    revision: int
    category: str
    district_id: str | None = None
    contractor_id: str | None = None
    status: str
    open: bool
    yellow_at: datetime | None = Field(None, sa_type=UtcTime)
    due_at: datetime | None = Field(None, sa_type=UtcTime)
