"""Bodies of timetables: routes, their lines and service points."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field

from services.route.domain.timetable.routes import TimedStop
from shared.bodies import Answer, Body, Datum, Id
from shared.tables_in.bodies import TableImport
from shared.tables_in.reading import TextFormat
from shared.vocabulary import Task

Column = Annotated[str, Field(max_length=200)]


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

    @classmethod
    def of(cls, stop: TimedStop) -> Self:
        start, end = stop.window_start_second, stop.window_end_second
        window = {
            "window_start": None if start is None else _clock(start),
            "window_end": None if end is None else _clock(end),
        }
        return cls.describing(stop, time=_clock(stop.second), weekdays=sorted(stop.weekdays), **window)


def _clock(second: int) -> str:
    """HH:MM:SS; before midnight of the service day with a minus."""
    sign, second = ("-", -second) if second < 0 else ("", second)
    return f"{sign}{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


class RouteDetail(RouteAnswer):
    stops: list[LineAnswer]


class ServicePointAnswer(Answer):
    service_point_id: str
    name: str
    kind: str
    lon: float
    lat: float
    streams: list[str]
    expected_kg: int | None
    district_id: str | None


class Assignment(Body):
    """`null`: nobody drives it for now."""

    vehicle_id: Id | None


class AssignmentAnswer(Answer):
    route_id: str
    vehicle_id: str | None
    runs_changed: int
