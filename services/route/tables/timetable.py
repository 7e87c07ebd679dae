"""The timetable, the calendar and the trucks."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Double, Index, SmallInteger
from sqlmodel import Field

from services.route.tables.base import RouteTable
from shared.db import Json, UtcTime


class ServicePointRow(RouteTable, table=True):
    __tablename__ = "service_point"
    __table_args__ = (Index("service_point_place", "lat", "lon"),)

    service_point_id: str = Field(primary_key=True)
    name: str
    kind: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    streams: list[str] = Field(sa_type=Json)
    expected_kg: int | None = None
    district_id: str | None = Field(None, index=True)


class RouteRow(RouteTable, table=True):
    """`vehicle_id` drives it unless a run says otherwise; `file_vehicle_id` is what the imported file said last."""

    __tablename__ = "route"

    route_id: str = Field(primary_key=True)
    name: str
    district_id: str | None = Field(None, index=True)
    vehicle_id: str | None = Field(None, index=True)
    file_vehicle_id: str | None = None
    weekdays: list[int] = Field(sa_type=Json)
    stream: str
    task: str = "collection"
    stop_count: int
    revision: int
    imported_at: datetime = Field(sa_type=UtcTime)


class RouteStop(RouteTable, table=True):
    """A line of the timetable. Seconds count from the service day's midnight; `file_row` is where it stood in its file."""

    __tablename__ = "route_stop"

    route_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    position: int
    file_row: int
    seq: int
    service_point_id: str = Field(index=True)
    name: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    second: int
    window_start_second: int | None = None
    window_end_second: int | None = None
    weekdays: int = Field(sa_type=SmallInteger)
    """Bit 0 is Monday."""
    stream: str
    expected_kg: int | None = None
    kind: str
    mode: str = "passing"
    section_id: str | None = None
    by_calendar: bool = False
    """Whether public holidays and made-up working days count; `domain/timetable/service_days.py` says how."""
    valid_from: date | None = Field(None, sa_type=Date)
    valid_to: date | None = Field(None, sa_type=Date)


class CalendarDay(RouteTable, table=True):
    """What this city says of a day, over the shipped calendar: holiday, workday or ordinary."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True, sa_type=Date)
    kind: str
    name_zh: str
    name_en: str


class TruckRow(RouteTable, table=True):
    """What the registry of vehicles says that matters to rounds; kept from its events."""

    __tablename__ = "truck"

    vehicle_id: str = Field(primary_key=True)
    revision: int
    plate: str
    kind: str
    waste_streams: list[str] = Field(sa_type=Json)
    contractor_id: str | None = None
    district_id: str | None = None


class TruckEntryRow(RouteTable, table=True):
    """What a truck was registered for, from `since` on: lifts are held against what held at their own time."""

    __tablename__ = "truck_entry"

    vehicle_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTime)
    kind: str
    waste_streams: list[str] = Field(sa_type=Json)


class PlanVersion(RouteTable, table=True):
    """One row. Whoever changes which vehicle has which stops raises `version` in the same transaction."""

    __tablename__ = "plan_version"

    id: int = Field(1, primary_key=True)
    version: int = Field(sa_type=BigInteger)
