"""A day's runs, what became of their stops, and what dispatchers ordered."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Double, Index, Text
from sqlmodel import Field

from services.route.tables.base import RouteTable, partial
from shared.db import Json, UtcTime


class RunRow(RouteTable, table=True):
    __tablename__ = "run"
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
    task: str = "collection"
    stop_count: int
    begins_at: datetime = Field(sa_type=UtcTime)
    """When the first window opens."""
    order_id: str | None = None
    """The dispatch order that made it; such a run stays with its vehicle whoever drives the route."""
    revision: int
    created_at: datetime = Field(sa_type=UtcTime)


class StopRow(RouteTable, table=True):
    """`deadline`: how long it is waited for (window_end and grace). `revision` 0: not judged yet."""

    __tablename__ = "stop"
    __table_args__ = (
        Index("stop_vehicle_planned", "vehicle_id", "planned_at"),
        Index("stop_point_window", "service_point_id", "window_end"),
        Index("stop_day", "service_day"),
        partial("stop_waiting", "deadline", "verdict = 'planned'"),
        partial("stop_in_doubt", "vehicle_id", "verdict = 'unknown'"),
        partial("stop_section", ("section_id", "service_day"), "section_id IS NOT NULL"),
        partial("stop_ordered", "lat", "not_before IS NOT NULL"),
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
    mode: str = "passing"
    """`fixed_time`: the truck waits through the window; `coverage`: it works its way along `line`;
    `isolation`: collected, then disinfected."""
    task: str = "collection"
    section_id: str | None = None
    line: list[list[float]] | None = Field(None, sa_type=Json)
    """Of the section as it was when the run was made, [[lon, lat], …]."""
    not_before: datetime | None = Field(None, sa_type=UtcTime)
    """When it was ordered, where a dispatch order made it."""
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


class StopVerdictRow(RouteTable, table=True):
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


class HandoverRow(RouteTable, table=True):
    """A vehicle that had a stop until another took it over, at `at`. What it did there counts: `found` is where it served
    the stop after all (verdict, served_at, evidence), known once its data has come."""

    __tablename__ = "handover"
    __table_args__ = (
        Index("handover_day", "service_day", "vehicle_id"),
        Index("handover_vehicle_planned", "vehicle_id", "planned_at"),
    )

    stop_id: str = Field(primary_key=True)
    vehicle_id: str = Field(primary_key=True)
    contractor_id: str | None = None
    service_day: date = Field(sa_type=Date)
    planned_at: datetime = Field(sa_type=UtcTime)
    at: datetime = Field(sa_type=UtcTime)
    found: dict[str, Any] | None = Field(None, sa_type=Json)


class DispatchOrderRow(RouteTable, table=True):
    """`status` is what its changes come to (`domain/orders/dispatch.py`), `status_at` when it became so; both kept for asking."""

    __tablename__ = "dispatch_order"
    __table_args__ = (
        Index("dispatch_order_vehicle", "vehicle_id", "order_id"),
        partial("dispatch_order_due", "due_at", "status IN ('open', 'delivered', 'accepted')"),
        partial("dispatch_order_stop", "stop_id", "stop_id IS NOT NULL"),
    )

    order_id: str = Field(primary_key=True)
    revision: int
    kind: str
    vehicle_id: str
    district_id: str | None = None
    contractor_id: str | None = None
    given_at: datetime = Field(sa_type=UtcTime)
    given_by: str
    due_at: datetime = Field(sa_type=UtcTime)
    text: str = Field(sa_type=Text)
    details: dict[str, Any] = Field(sa_type=Json)
    complaint_id: str | None = None
    status: str
    status_at: datetime = Field(sa_type=UtcTime)
    run_id: str | None = None
    stop_id: str | None = None


class OrderChangeRow(RouteTable, table=True):
    """All that was said of an order, in the order of arrival; `at` is when it was so, `recorded_at` when we heard."""

    __tablename__ = "order_change"

    order_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    status: str
    at: datetime = Field(sa_type=UtcTime)
    by: str
    note: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=UtcTime)
