"""Which routes run on a service day, and when each of their stops is due."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.route.domain.judging.rules import JudgementRules
from services.route.domain.runs import Run, run_id_of
from services.route.domain.stops import Stop
from services.route.domain.timetable.routes import Route, TimedStop
from services.route.domain.timetable.service_days import is_served
from shared.calendar import Calendar
from shared.geo import Point
from shared.vocabulary import Task, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run to be made, and its stops."""

    run: Run
    stops: tuple[Stop, ...]

    def driven_by(self, contractor_id: str | None, at: datetime, lines: Mapping[str, tuple[Point, ...]]) -> "PlannedRun":
        """As it is made at a moment: whose truck drives it, and the lines of the sections that it covers."""
        stops = (replace(stop, contractor_id=contractor_id, line=lines.get(stop.section_id or "")) for stop in self.stops)
        return PlannedRun(run=replace(self.run, contractor_id=contractor_id, created_at=at), stops=tuple(stops))


def runs_on(
    routes: Iterable[Route], service_day: date, zone: tzinfo, rules: JudgementRules, calendar: Calendar
) -> list[PlannedRun]:
    """A run for every route with a stop that is served on that day, of those stops only. Ids are the same each time."""
    runs = (run_on(route, service_day, zone, rules, calendar) for route in routes)
    return [run for run in runs if run is not None]


def run_on(route: Route, service_day: date, zone: tzinfo, rules: JudgementRules, calendar: Calendar) -> PlannedRun | None:
    served = [stop for stop in route.stops if is_served(stop, service_day, calendar)]
    if not served:
        return None
    run_id = run_id_of(route.route_id, service_day)
    stops = tuple(_due_stop(stop, route, run_id, service_day, zone, rules) for stop in served)
    begins_at = min(stop.window_start for stop in stops)
    run = Run(
        run_id=run_id,
        route_id=route.route_id,
        name=route.name,
        service_day=service_day,
        vehicle_id=route.vehicle_id,
        contractor_id=None,
        district_id=route.district_id,
        stream=WasteStream(route.stream),
        task=Task(route.task),
        stop_count=len(stops),
        begins_at=begins_at,
        created_at=begins_at,
    )
    return PlannedRun(run=run, stops=stops)


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


def _due_stop(stop: TimedStop, route: Route, run_id: str, day: date, zone: tzinfo, rules: JudgementRules) -> Stop:
    planned_at = at_second(day, stop.second, zone)
    start_second, end_second = stop.window_start_second, stop.window_end_second
    window_start = planned_at - rules.early if start_second is None else at_second(day, start_second, zone)
    window_end = planned_at + rules.late if end_second is None else at_second(day, end_second, zone)
    window_end = max(window_end, window_start)
    return Stop(
        stop_id=f"{run_id}:{stop.key}",
        run_id=run_id,
        service_day=day,
        vehicle_id=route.vehicle_id,
        contractor_id=None,
        district_id=route.district_id,
        seq=stop.seq,
        key=stop.key,
        service_point_id=stop.service_point_id,
        name=stop.name,
        lon=stop.lon,
        lat=stop.lat,
        stream=WasteStream(stop.stream),
        expected_kg=stop.expected_kg,
        mode=stop.mode,
        task=Task(route.task),
        section_id=stop.section_id,
        planned_at=planned_at,
        window_start=window_start,
        window_end=window_end,
        deadline=window_end + rules.grace,
    )
