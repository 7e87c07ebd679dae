"""What trucks did, and what the judge has yet to look at."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import REAL, BigInteger, Date, Double, Index, Integer, SmallInteger, Text
from sqlmodel import Field

from services.route.tables.base import RouteTable, partial
from shared.db import Json, UtcTime


class ObservationRow(RouteTable, table=True):
    """A position near a stop planned for that vehicle around that time; all others are not kept here."""

    __tablename__ = "observation"
    __table_args__ = (Index("observation_stop", "stop_id"),)

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    ordinal: int = Field(0, primary_key=True, sa_type=SmallInteger)
    """Which of the different fixes of that moment."""
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    speed_kmh: float | None = Field(None, sa_type=REAL)
    nearest_m: float = Field(sa_type=REAL)
    stop_id: str
    heading_deg: float | None = Field(None, sa_type=REAL)
    """Clockwise from north."""
    reviewed_at: datetime | None = Field(None, sa_type=UtcTime)
    left_out: bool = False
    """Its neighbours make the fix impossible, as of `reviewed_at`."""


class LiftRow(RouteTable, table=True):
    """Every bin lift; `stop_id` is the stop it counted for. `net_kg` is null where the weight cannot be right."""

    __tablename__ = "lift"
    __table_args__ = (
        Index("lift_vehicle_at", "vehicle_id", "at"),
        Index("lift_stop", "stop_id"),
        partial("lift_unmatched", "at", "stop_id IS NULL"),
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


class DriverReportRow(RouteTable, table=True):
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
    flags: list[str] = Field([], sa_type=Json)


class SilenceRow(RouteTable, table=True):
    """A time of which a vehicle with its engine on has sent nothing, as the vehicle service told; `gone`: it came later."""

    __tablename__ = "silence"
    __table_args__ = (Index("silence_vehicle_end", "vehicle_id", "end"),)

    alert_id: str = Field(primary_key=True)
    revision: int
    vehicle_id: str
    begin: datetime = Field(sa_type=UtcTime)
    end: datetime = Field(sa_type=UtcTime)
    gone: bool


class ViolationRow(RouteTable, table=True):
    """A lift that mixed waste; one for each lift and kind. `withdrawn`: late data showed that it never was.

    `stop_id` is the stop the lift counts for; without one, the lift itself names the service point it emptied.
    """

    __tablename__ = "violation"
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
    """From when to when a vehicle's data reaches, each record counted once; `dirty_*`: facts of that time wait to be judged."""

    __tablename__ = "vehicle_progress"

    vehicle_id: str = Field(primary_key=True)
    known_from: datetime | None = Field(None, sa_type=UtcTime)
    known_until: datetime | None = Field(None, sa_type=UtcTime)
    records: int = Field(sa_type=BigInteger)
    lifts: int = Field(sa_type=Integer)
    dirty_from: datetime | None = Field(None, sa_type=UtcTime)
    dirty_until: datetime | None = Field(None, sa_type=UtcTime)


class JudgementDue(RouteTable, table=True):
    """Vehicle-days that the judge has yet to look at. Written by the judge itself, by planning and by orders."""

    __tablename__ = "judgement_due"

    vehicle_id: str = Field(primary_key=True)
    """Empty for stops without a vehicle."""
    service_day: date = Field(primary_key=True, sa_type=Date)
    due_at: datetime = Field(sa_type=UtcTime, index=True)
