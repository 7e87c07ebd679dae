"""Which routes run on a service day, and when each of their stops is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.route.domain.judging.rules import JudgementRules
from services.route.domain.timetable.routes import Route, TimedStop
from services.route.domain.timetable.service_days import is_served
from shared.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStop:
    """A stop of a run; its times are UTC."""

    stop_id: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    stream: str
    expected_kg: int | None
    mode: str
    task: str
    section_id: str | None
    planned_at: datetime
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    run_id: str
    route_id: str
    route_name: str
    service_day: date
    district_id: str | None
    vehicle_id: str | None
    stream: str
    task: str
    stops: tuple[DueStop, ...]


def runs_on(
    routes: Iterable[Route], service_day: date, zone: tzinfo, rules: JudgementRules, calendar: Calendar
) -> list[PlannedRun]:
    """A run for every route with a stop that is served on that day, of those stops only. Ids are the same each time."""
    runs = (run_on(route, service_day, zone, rules, calendar) for route in routes)
    return [run for run in runs if run is not None]


def run_on(route: Route, service_day: date, zone: tzinfo, rules: JudgementRules, calendar: Calendar) -> PlannedRun | None:
    run_id = run_id_of(route.route_id, service_day)
    served = [stop for stop in route.stops if is_served(stop, service_day, calendar)]
    stops = tuple(_due_stop(stop, route.task, run_id, service_day, zone, rules) for stop in served)
    if not stops:
        return None
    return PlannedRun(
        run_id=run_id,
        route_id=route.route_id,
        route_name=route.name,
        service_day=service_day,
        district_id=route.district_id,
        vehicle_id=route.vehicle_id,
        stream=route.stream,
        task=route.task,
        stops=stops,
    )


def run_id_of(route_id: str, service_day: date) -> str:
    return f"{service_day.isoformat()}:{route_id}"


def at_second(service_day: date, second: int, zone: tzinfo) -> datetime:
    """What a clock on the wall shows, as UTC: 18:30 stays 18:30 on the day clocks change; 86,400 is next midnight."""
    days, second_of_day = divmod(second, 86_400)
    clock = time(second_of_day // 3600, second_of_day // 60 % 60, second_of_day % 60)
    return datetime.combine(service_day + timedelta(days=days), clock, zone).astimezone(UTC)


def day_bounds(service_day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The local day's first moment and the next day's, in UTC."""
    midnights = (datetime.combine(day, time.min, zone) for day in (service_day, service_day + timedelta(days=1)))
    begin, end = (midnight.astimezone(UTC) for midnight in midnights)
    return begin, end


def _due_stop(stop: TimedStop, task: str, run_id: str, day: date, zone: tzinfo, rules: JudgementRules) -> DueStop:
    planned_at = at_second(day, stop.second, zone)
    start_second, end_second = stop.window_start_second, stop.window_end_second
    window_start = planned_at - rules.early if start_second is None else at_second(day, start_second, zone)
    window_end = planned_at + rules.late if end_second is None else at_second(day, end_second, zone)
    return DueStop(
        stop_id=f"{run_id}:{stop.key}",
        seq=stop.seq,
        service_point_id=stop.service_point_id,
        name=stop.name,
        lon=stop.lon,
        lat=stop.lat,
        stream=stop.stream,
        expected_kg=stop.expected_kg,
        mode=stop.mode,
        task=task,
        section_id=stop.section_id,
        planned_at=planned_at,
        window_start=window_start,
        window_end=max(window_end, window_start),
    )
