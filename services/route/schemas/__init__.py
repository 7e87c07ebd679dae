"""Request and answer bodies of the route service."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.bodies import Answer, Body, Datum, Id, Name, Note, ServiceDay
from shared.tables_in.bodies import TableImport
from shared.tables_in.reading import TextFormat
from shared.vocabulary import Task, Verdict

Column = Annotated[str, Field(max_length=200)]


# --- timetable --------------------------------------------------------------------------------------------------


class TimetableImport(TableImport):
    """A file, or the list of its rows. `mapping`: our field → the file's column; fields left out are looked for under their own
    name. `defaults`: our field → value where the file says nothing. `datum`: WGS-84, CGCS2000, GCJ-02 or BD-09 by any of their
    usual names; without it what the file itself says, else WGS-84."""

    format: TextFormat | None = None
    mapping: Annotated[dict[Column, Column], Field(max_length=50)] = {}
    datum: Datum | None = None
    dry_run: bool = False
    defaults: Annotated[dict[Column, Any], Field(max_length=50)] = {}


class FindingAnswer(Answer):
    """`row`: 1-based, the header not counted."""

    row: int
    code: str
    detail: str
    values: dict[str, str]


class ImportAnswer(Answer):
    """rows = stops + rejected, always."""

    dry_run: bool
    rows: int
    stops: int
    routes: int
    service_points: int
    routes_created: int
    routes_updated: int
    routes_unchanged: int
    rejected: list[FindingAnswer]
    warnings: list[FindingAnswer]


class RouteAnswer(Answer):
    """`weekdays`: 1 is Monday. `vehicle_id`: who drives it unless a run says otherwise."""

    route_id: str
    name: str
    district_id: str | None
    vehicle_id: str | None
    weekdays: list[int]
    stream: str
    task: Task
    stop_count: int
    revision: int


class LineAnswer(Answer):
    """A stop of the timetable; times of day as `HH:MM:SS` from the service day's midnight, 24 and more are the next day."""

    key: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    time: str
    window_start: str | None
    window_end: str | None
    weekdays: list[int]
    stream: str
    expected_kg: int | None
    kind: str
    mode: str
    """`passing`; `fixed_time`: the truck waits through the window; `coverage`: it works its way along a road section;
    `isolation`: a medical-isolation stop, collected and then disinfected."""
    section_id: str | None
    by_calendar: bool
    """Public holidays count as Sundays, made-up working days as the weekday beside them."""
    valid_from: date | None
    valid_to: date | None


class RouteDetail(RouteAnswer):
    stops: list[LineAnswer]


class SpecialDayBody(Body):
    """`workday`: a weekend day that is worked; `ordinary`: the shipped calendar is not followed on this day."""

    kind: Literal["holiday", "workday", "ordinary"]
    name_zh: Name
    name_en: Name


class SpecialDayAnswer(Answer):
    day: date
    kind: str
    name_zh: str
    name_en: str


class CalendarAnswer(Answer):
    items: list[SpecialDayAnswer]


class ServicePointAnswer(Answer):
    service_point_id: str
    name: str
    kind: str
    lon: float
    lat: float
    streams: list[str]
    expected_kg: int | None
    district_id: str | None


# --- runs -------------------------------------------------------------------------------------------------------


class Assignment(Body):
    """`null`: nobody drives it for now."""

    vehicle_id: Id | None


class AssignmentAnswer(Answer):
    route_id: str
    vehicle_id: str | None
    runs_changed: int


class PlanBody(Body):
    service_day: ServiceDay


class PlanAnswer(Answer):
    """The day's runs and stops after planning; `runs_created` of them are new."""

    service_day: date
    runs: int
    stops: int
    runs_created: int


class RunAnswer(Answer):
    """`status`: planned (nothing happened yet), running, done (no stop is waited for any more)."""

    run_id: str
    route_id: str
    route_name: str
    service_day: date
    vehicle_id: str | None
    contractor_id: str | None
    district_id: str | None
    stream: str
    task: Task
    """Sweeping, flushing and disinfection cover road sections; they carry no waste and are filed under the stream street."""
    status: Literal["planned", "running", "done"]
    revision: int
    begins_at: datetime
    stop_count: int
    by_verdict: dict[str, int]
    order_id: str | None
    """The dispatch order that made it; none made those of the timetable."""


class RunStop(Answer):
    stop_id: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    stream: str
    expected_kg: int | None
    mode: str
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    verdict: Verdict
    verdict_revision: int
    served_at: datetime | None
    section_id: str | None
    line: list[list[float]] | None
    """Of the road section it covers, [[lon, lat], …]; lon and lat are half-way along it."""
    coverage: float | None
    """The share of that line which was worked on for this pass, 0 to 1."""


class RunDetail(RunAnswer):
    stops: list[RunStop]


class VerdictAnswer(Answer):
    """`at`: when it became so in the truck's world; `decided_at`: when we knew; `known_until`: how far its data reached."""

    revision: int
    verdict: Verdict
    at: datetime
    served_at: datetime | None
    decided_at: datetime
    known_until: datetime | None
    reason: str
    evidence: dict[str, Any]


class StopDetail(RunStop):
    run_id: str
    service_day: date
    vehicle_id: str | None
    district_id: str | None
    judged_at: datetime | None
    evidence: dict[str, Any]
    history: list[VerdictAnswer]


class Ruling(Body):
    """`verdict` null takes the ruling back; `reason` stands in the stop's history for everyone who may see it."""

    verdict: Verdict | None
    reason: Annotated[Note, Field(min_length=3)]


class RulesAnswer(Answer):
    """What a stop is judged by, by the service day from which it is valid: tolerances, what drivers' reports excuse, what covers
    a road section and how often its level asks for it."""

    items: list[dict[str, Any]]
    exceptions: list[dict[str, Any]]
    sweeping: list[dict[str, Any]]


# --- evidence ---------------------------------------------------------------------------------------------------


class EvidenceLift(Answer):
    lift_id: str
    vehicle_id: str
    at: datetime
    net_kg: int | None
    tag: str | None


class PassingAnswer(Answer):
    """A truck near the stop: when, how near, and for how long it stood."""

    vehicle_id: str
    begin: datetime
    end: datetime
    nearest_m: float
    stood_seconds: int


class EvidenceStop(Answer):
    """`data`: was the truck's data `complete` when we decided, `late` (it changed what was said) or still `missing`?"""

    stop_id: str
    run_id: str
    service_point_id: str
    section_id: str | None
    """The road section, where the street was to be covered; its distance is that of its line."""
    task: Task
    name: str
    distance_m: float
    stream: str
    vehicle_id: str | None
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    verdict: Verdict
    served_at: datetime | None
    data: Literal["complete", "late", "missing"]
    evidence: dict[str, Any]
    history: list[VerdictAnswer]
    lifts: list[EvidenceLift]
    passes: list[PassingAnswer]


class EvidenceAnswer(Answer):
    """`outcome`: served, partly_served, not_served, excepted, unknown, not_yet or not_planned; the sentences say it to a
    citizen, `stops` (nearest first) hold what stands behind them."""

    lon: float
    lat: float
    start: datetime
    end: datetime
    stream: str | None
    task: Task | None
    radius_m: float
    outcome: str
    sentence_zh: str
    sentence_en: str
    stops: list[EvidenceStop]


class LiftAnswer(Answer):
    lift_id: str
    vehicle_id: str
    at: datetime
    service_point_id: str | None
    tag: str | None
    lon: float | None
    lat: float | None
    net_kg: int | None
    flags: list[str]
