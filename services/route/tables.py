"""What the route service stores: the timetable, the days' runs made from it, and what trucks did near their stops."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import REAL, BigInteger, Date, Double, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db import Json, UtcTime


class RouteTable(SQLModel, registry=registry()):
    """This service's own tables."""


def _partial(name: str, column: str, where: str) -> Index:
    return Index(name, column, postgresql_where=text(where), sqlite_where=text(where))


# --- the timetable ----------------------------------------------------------------------------------------------


class ServicePoint(RouteTable, table=True):
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


class Route(RouteTable, table=True):
    """`vehicle_id` drives it unless a run says otherwise; `file_vehicle_id` is what the imported file said last."""

    route_id: str = Field(primary_key=True)
    name: str
    district_id: str | None = Field(None, index=True)
    vehicle_id: str | None = Field(None, index=True)
    file_vehicle_id: str | None = None
    weekdays: list[int] = Field(sa_type=Json)
    stream: str
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
    by_calendar: bool = False
    """Whether public holidays and made-up working days count; `rules/service_days.py` says how."""
    valid_from: date | None = Field(None, sa_type=Date)
    valid_to: date | None = Field(None, sa_type=Date)


class CalendarDay(RouteTable, table=True):
    """What this city says of a day, over the shipped calendar: holiday, workday or ordinary."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True, sa_type=Date)
    kind: str
    name_zh: str
    name_en: str


class Truck(RouteTable, table=True):
    """What the registry of vehicles says that matters to rounds; kept from its events."""

    vehicle_id: str = Field(primary_key=True)
    revision: int
    plate: str
    kind: str
    waste_streams: list[str] = Field(sa_type=Json)
    contractor_id: str | None = None
    district_id: str | None = None


class TruckEntry(RouteTable, table=True):
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


# --- a day's runs -----------------------------------------------------------------------------------------------


class Run(RouteTable, table=True):
    __table_args__ = (Index("run_vehicle_day", "vehicle_id", "service_day"), Index("run_day", "service_day", "run_id"))

    run_id: str = Field(primary_key=True)
    route_id: str = Field(index=True)
    name: str
    service_day: date = Field(sa_type=Date)
    vehicle_id: str | None = None
    contractor_id: str | None = None
    """Whose truck drives it; as it was when the run began."""
    district_id: str | None = None
    stream: str
    stop_count: int
    begins_at: datetime = Field(sa_type=UtcTime)
    """When the first window opens."""
    revision: int
    created_at: datetime = Field(sa_type=UtcTime)


class Stop(RouteTable, table=True):
    """`deadline`: how long it is waited for (window_end and grace). `revision` 0: not judged yet."""

    __table_args__ = (
        Index("stop_vehicle_planned", "vehicle_id", "planned_at"),
        Index("stop_point_window", "service_point_id", "window_end"),
        Index("stop_day", "service_day"),
        _partial("stop_waiting", "deadline", "verdict = 'planned'"),
        _partial("stop_in_doubt", "vehicle_id", "verdict = 'unknown'"),
    )

    stop_id: str = Field(primary_key=True)
    run_id: str = Field(index=True)
    service_day: date = Field(sa_type=Date)
    vehicle_id: str | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    seq: int
    key: str
    service_point_id: str
    name: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    stream: str
    expected_kg: int | None = None
    planned_at: datetime = Field(sa_type=UtcTime)
    window_start: datetime = Field(sa_type=UtcTime)
    window_end: datetime = Field(sa_type=UtcTime)
    deadline: datetime = Field(sa_type=UtcTime)
    verdict: str
    revision: int
    served_at: datetime | None = Field(None, sa_type=UtcTime)
    evidence: dict[str, Any] | None = Field(None, sa_type=Json)
    judged_at: datetime | None = Field(None, sa_type=UtcTime)
    ruling: dict[str, Any] | None = Field(None, sa_type=Json)
    """What a dispatcher decided over the rules: verdict, reason, by, at. Judging goes on beneath it."""


class StopVerdict(RouteTable, table=True):
    """Every judgement of a stop; `known_until` is how far the vehicle's data reached at the time."""

    __tablename__ = "stop_verdict"

    stop_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    verdict: str
    at: datetime = Field(sa_type=UtcTime)
    served_at: datetime | None = Field(None, sa_type=UtcTime)
    evidence: dict[str, Any] | None = Field(None, sa_type=Json)
    known_until: datetime | None = Field(None, sa_type=UtcTime)
    decided_at: datetime = Field(sa_type=UtcTime)
    reason: str


# --- what trucks did --------------------------------------------------------------------------------------------


class Observation(RouteTable, table=True):
    """A position near a stop planned for that vehicle around that time; all others are not kept here."""

    __table_args__ = (Index("observation_stop", "stop_id"),)

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    speed_kmh: float | None = Field(None, sa_type=REAL)
    nearest_m: float = Field(sa_type=REAL)
    stop_id: str


class Lift(RouteTable, table=True):
    """Every bin lift; `stop_id` is the stop it counted for. `net_kg` is null where the weight cannot be right."""

    __table_args__ = (
        Index("lift_vehicle_at", "vehicle_id", "at"),
        Index("lift_stop", "stop_id"),
        _partial("lift_unmatched", "at", "stop_id IS NULL"),
    )

    lift_id: str = Field(primary_key=True)
    vehicle_id: str
    at: datetime = Field(sa_type=UtcTime)
    service_point_id: str | None = None
    tag: str | None = None
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    net_kg: int | None = None
    flags: list[str] = Field(sa_type=Json)
    stop_id: str | None = None


class DriverReport(RouteTable, table=True):
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


class Violation(RouteTable, table=True):
    """A lift that mixed waste; one for each lift and kind. `withdrawn`: late data showed that it never was.

    `stop_id` is the stop the lift counts for; without one, the lift itself names the service point it emptied.
    """

    __table_args__ = (Index("violation_day", "service_day", "at"), Index("violation_vehicle_at", "vehicle_id", "at"))

    violation_id: str = Field(primary_key=True)
    kind: str
    status: str
    revision: int
    lift_id: str
    at: datetime = Field(sa_type=UtcTime)
    service_day: date = Field(sa_type=Date)
    vehicle_id: str
    contractor_id: str | None = None
    district_id: str | None = None
    stop_id: str | None = None
    service_point_id: str | None = None
    stream: str
    truck_streams: list[str] = Field(sa_type=Json)
    net_kg: int | None = None
    evidence: dict[str, Any] = Field(sa_type=Json)
    found_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class VehicleProgress(RouteTable, table=True):
    """How far a vehicle's data reaches, each record counted once; `dirty_*`: facts from then on wait to be judged by."""

    __tablename__ = "vehicle_progress"

    vehicle_id: str = Field(primary_key=True)
    known_until: datetime | None = Field(None, sa_type=UtcTime)
    records: int = Field(sa_type=BigInteger)
    lifts: int = Field(sa_type=Integer)
    dirty_from: datetime | None = Field(None, sa_type=UtcTime)
    dirty_until: datetime | None = Field(None, sa_type=UtcTime)


class JudgementDue(RouteTable, table=True):
    """Vehicle-days that the judge has yet to look at. Only the judge and planning write here, never the consumers."""

    __tablename__ = "judgement_due"

    vehicle_id: str = Field(primary_key=True)
    """Empty for stops without a vehicle."""
    service_day: date = Field(primary_key=True, sa_type=Date)
    due_at: datetime = Field(sa_type=UtcTime, index=True)


def row_of(table: Any) -> Any:
    """The SQLAlchemy table behind a class."""
    return table.__table__
