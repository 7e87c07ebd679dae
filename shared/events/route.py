"""Published by the route service."""

from datetime import date, datetime
from typing import Any

from shared.events.base import Event, Heartbeat, Part
from shared.vocabulary import OrderKind, OrderStatus, Task, Verdict, ViolationKind, ViolationStatus, WasteStream


class PlannedStop(Part):
    stop_id: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    mode: str = "passing"
    """`fixed_time`: the truck waits through the window; `coverage`: it works its way along a road section."""
    section_id: str | None = None
    """The road section; lon and lat are half-way along it."""


class RunPlanned(Event, type="route.run_planned.v1"):
    """A day's run was made, or its vehicle changed; the whole run, with a growing revision."""

    run_id: str
    revision: int
    planned_at: datetime
    route_id: str
    route_name: str
    service_day: date
    vehicle_id: str | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    stream: WasteStream
    task: Task = Task.COLLECTION
    stops: list[PlannedStop]

    @property
    def subject(self) -> str:
        return self.run_id

    @property
    def time(self) -> datetime:
        return self.planned_at


class StopJudged(Event, type="route.stop_judged.v1"):
    """A stop's verdict, or the evidence for it, changed. `revision` grows with every change."""

    stop_id: str
    run_id: str
    service_day: date
    revision: int
    verdict: Verdict
    previous: Verdict
    judged_at: datetime
    served_at: datetime | None = None
    vehicle_id: str | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    service_point_id: str | None = None
    stream: WasteStream | None = None
    evidence: dict[str, Any] = {}

    @property
    def subject(self) -> str:
        return self.run_id

    @property
    def time(self) -> datetime:
        return self.judged_at


class OrderChanged(Event, type="route.order_changed.v1"):
    """A dispatch order was given or its status changed; the whole order, with a growing revision."""

    order_id: str
    revision: int
    changed_at: datetime
    kind: OrderKind
    vehicle_id: str
    district_id: str | None = None
    contractor_id: str | None = None
    given_at: datetime
    due_at: datetime
    text: str = ""
    details: dict[str, Any] = {}
    """By kind: where and what to pick up, which run to take over, where to unload."""
    complaint_id: str | None = None
    status: OrderStatus
    status_at: datetime
    """When it became so on the street."""
    run_id: str | None = None
    """The run that the order made."""
    stop_id: str | None = None

    @property
    def subject(self) -> str:
        return self.order_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class ViolationChanged(Event, type="route.violation_changed.v1"):
    """A violation was found, changed or was withdrawn by late data; the whole violation, with a growing revision."""

    violation_id: str
    revision: int
    kind: ViolationKind
    status: ViolationStatus
    lift_id: str
    at: datetime
    """When the bin was lifted."""
    service_day: date
    vehicle_id: str
    contractor_id: str | None = None
    district_id: str | None = None
    stop_id: str | None = None
    service_point_id: str | None = None
    stream: WasteStream
    truck_streams: list[WasteStream]
    """What the truck was registered for then; empty: whatever its kind may carry."""
    net_kg: int | None = None
    evidence: dict[str, Any] = {}
    found_at: datetime
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.violation_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class CalendarDaySaid(Event, type="route.calendar_day_said.v1"):
    """The city said what a day is, over the calendar that ships with the suite. The newest of a day holds."""

    day: date
    kind: str
    """holiday, workday or ordinary."""
    name_zh: str = ""
    name_en: str = ""
    said_at: datetime

    @property
    def subject(self) -> str:
        return self.day.isoformat()

    @property
    def time(self) -> datetime:
        return self.said_at


class OrderRefused(Event, type="route.order_refused.v1"):
    """What `complaint.order_wanted.v1` asked for cannot be ordered; `detail` says why."""

    complaint_id: str
    request_id: str
    code: str
    detail: str
    refused_at: datetime

    @property
    def subject(self) -> str:
        return self.complaint_id

    @property
    def time(self) -> datetime:
        return self.refused_at


class RouteHeartbeat(Heartbeat, type="route.alive.v1"):
    """Everything the route service published before has been sent."""
