"""Plans and drives a truck's day: from the depot to place after place, each about when it is planned.

Pure and deterministic: the same runs, seed and disturbance give the same second-by-second day. A truck that has time
drives slowly or waits somewhere that no stop is near; one that is late drives faster, stands shorter, or is later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, sin
from random import Random
from typing import Any

from services.simulator.day import (
    PlannedStop,
    Record,
    RunDisturbance,
    Segment,
    VehicleDay,
    VehicleDisturbance,
    Visit,
    planned_stops,
)
from services.simulator.lifting import Lifting
from services.simulator.motion import FULL_CIRCLE, GpsError, Leg, Motion, Place, Plane, apart_m
from services.simulator.sweeping import LEAST_PART, MOST_PART, WORK_MS, way_along

SLOW_MS, USUAL_MS, FAST_MS = 18 / 3.6, 30 / 3.6, 45 / 3.6
SAME_PLACE_M = 25
GPS_TELLS_APART_M = 12
SAME_OCCASION_SECONDS = 600
CLEAR_OF_STOPS_M = 150
"""Places to wait, break down or park at are so far from every stop that nobody takes standing there for service."""
EDGE_MARGIN_SECONDS = 150
"""No service this near to an edge of its window: whether it counts as late would hang on a second."""
SHORT_WAIT_SECONDS = 180
LEAD_SECONDS = 2700
TAIL_SECONDS = 6000
"""The unit goes on sending after the last window, so that what it did not serve is known to be missed."""
UNLOADING_SECONDS = 300
REPAIR_SECONDS = 7200
"""So long after a breakdown the truck comes home; it does not go out again that day."""


def drive_day(
    vehicle_id: str,
    runs: Sequence[Mapping[str, Any]],
    *,
    seed: int,
    disturbance: VehicleDisturbance | None = None,
    depot: tuple[float, float] | None = None,
    start_s: int | None = None,
    end_s: int = 0,
) -> VehicleDay:
    """`runs` as GET /v1/runs/{run_id} answers, at least one with stops; `depot` (lon, lat) is chosen when not given.

    The unit sends from `start_s` (an hour or so before the first stop when not given) until well after the last window,
    and at least until `end_s`.
    """
    stops = planned_stops(runs)
    if not stops:
        raise ValueError(f"no stops for {vehicle_id}")
    rng = Random(f"{seed}:{vehicle_id}:{stops[0].planned_s}")
    begin_s = stops[0].planned_s - LEAD_SECONDS if start_s is None else start_s
    return _Driver(vehicle_id, stops, disturbance or VehicleDisturbance(), depot, begin_s, rng).drive(end_s)


@dataclass(slots=True)
class _Occasion:
    """Stops served by standing once, and missed ones that are passed on the way there."""

    stops: list[PlannedStop]
    passed: list[PlannedStop] = field(default_factory=list)


class _Driver:
    def __init__(
        self,
        vehicle_id: str,
        stops: list[PlannedStop],
        disturbance: VehicleDisturbance,
        depot: tuple[float, float] | None,
        start_s: int,
        rng: Random,
    ) -> None:
        self._vehicle_id = vehicle_id
        self._stops = stops
        self._disturbance = disturbance
        self._rng = rng
        self._plane = Plane(stops[0].lon, stops[0].lat)
        self._stop_places = [self._plane.place(stop.lon, stop.lat) for stop in stops]
        self._indistinct = self._indistinct_places()
        self._depot = self._plane.place(*depot) if depot else self._clear_place((0.0, 0.0), 600) or (400.0, 400.0)
        self._lifting = Lifting(rng, self._plane)
        self._segments: list[Segment] = []
        self._visits: list[Visit] = []
        self._reports: list[tuple[int, Record]] = []
        self._now_s = start_s
        self._place = self._depot
        self._heading_deg = 0.0
        self._odometer_m = rng.uniform(20_000_000, 90_000_000)

    def drive(self, end_s: int) -> VehicleDay:
        by_run: dict[str, list[PlannedStop]] = {}
        for stop in self._stops:
            by_run.setdefault(stop.run_id, []).append(stop)
        broken = False
        for run_id, stops in by_run.items():
            broken = broken or self._drive_run(stops, self._disturbance.run(run_id))
        if broken:
            self._stand(self._now_s + REPAIR_SECONDS, ignition=False)
        self._return_to_depot()
        busy_until_s = self._now_s
        tail_s = max(stop.window_end_s for stop in self._stops) + TAIL_SECONDS
        self._stand(max(tail_s, self._now_s + TAIL_SECONDS, end_s), ignition=False)
        return VehicleDay(
            vehicle_id=self._vehicle_id,
            plane=self._plane,
            stops=tuple(self._stops),
            visits=tuple(self._visits),
            segments=tuple(self._segments),
            occasions=tuple(sorted(self._lifting.records + self._reports, key=lambda item: item[0])),
            busy_until_s=busy_until_s,
            gps_error=GpsError(tuple(self._rng.uniform(0, FULL_CIRCLE) for _ in range(4))),  # type: ignore[arg-type]
            phase=self._rng.randrange(60),
            disturbance=self._disturbance,
        )

    def _drive_run(self, stops: list[PlannedStop], disturbance: RunDisturbance) -> bool:
        """Whether the truck broke down."""
        occasions = self._occasions(stops, disturbance.missed | disturbance.blocked)
        if occasions and self._is_time_for_the_depot(occasions[0].stops[0].planned_s + disturbance.shift_seconds):
            self._return_to_depot()
        for served, occasion in enumerate(occasions):
            if served == disturbance.breakdown_after and self._break_down():
                return True
            if occasion.stops[0].line:
                self._work_along(occasion.stops[0], disturbance)
            else:
                self._serve(occasion, disturbance)
        return False

    def _work_along(self, stop: PlannedStop, disturbance: RunDisturbance) -> None:
        """The section is done when its end is reached."""
        is_whole = stop.stop_id not in disturbance.partial
        share = 1.0 if is_whole else self._rng.uniform(LEAST_PART, MOST_PART)
        way = way_along(self._plane, stop, self._place, share)
        work = Leg(way, WORK_MS[stop.task])
        earliest_s = self._now_s + Leg([self._place, way[0]], FAST_MS).seconds
        ahead = self._disturbance.clock_ahead_seconds
        begin_s = max(stop.planned_s + self._rng.randint(-60, 60), earliest_s)
        self._drive_to(way[:1], _clear_of_edges(begin_s + ahead, work.seconds, [stop]) - ahead)
        self._go(work)
        if is_whole:
            self._visits.append(Visit(self._place, self._now_s, self._now_s, (stop,)))

    def _occasions(self, stops: Iterable[PlannedStop], missed: frozenset[str]) -> list[_Occasion]:
        """Stops that nobody can tell apart and that are planned together are served by standing once."""
        occasions: list[_Occasion] = []
        passed: list[PlannedStop] = []
        for stop in stops:
            same = [occasion for occasion in occasions if self._is_same(occasion.stops[0], stop)]
            if stop.line:
                occasions += [] if stop.stop_id in missed else [_Occasion([stop])]
            elif stop.stop_id in missed:
                passed.append(stop)
            elif same:
                same[0].stops.append(stop)
            else:
                occasions.append(_Occasion([stop], passed))
                passed = []
        return occasions

    def _is_same(self, first: PlannedStop, stop: PlannedStop) -> bool:
        together = stop.planned_s - first.planned_s <= SAME_OCCASION_SECONDS
        return together and self._indistinct[first.stop_id] == self._indistinct[stop.stop_id]

    def _indistinct_places(self) -> dict[str, Place]:
        """For each stop the first one planned that is so near that satellites cannot tell the two apart."""
        firsts: list[Place] = []
        found: dict[str, Place] = {}
        for stop in sorted(self._stops, key=lambda stop: (stop.planned_s, stop.stop_id)):
            place = self._plane.place(stop.lon, stop.lat)
            first = next((first for first in firsts if apart_m(first, place) <= SAME_PLACE_M), place)
            firsts += [place] if first is place else []
            found[stop.stop_id] = first
        return found

    def _needs_naming(self, stop: PlannedStop) -> bool:
        """A neighbour so near that the GPS error blurs the two, though a city may hold them to be two places."""
        place, first = self._plane.place(stop.lon, stop.lat), self._indistinct[stop.stop_id]
        return any(
            self._indistinct[other.stop_id] != first
            and apart_m(place, self._plane.place(other.lon, other.lat)) < GPS_TELLS_APART_M
            for other in self._stops
        )

    def _serve(self, occasion: _Occasion, disturbance: RunDisturbance) -> None:
        stops = occasion.stops
        place = self._plane.place(stops[0].lon, stops[0].lat)
        path = [*(self._plane.place(stop.lon, stop.lat) for stop in occasion.passed), place]
        target_s = stops[0].planned_s + disturbance.shift_seconds + self._rng.randint(-60, 60)
        earliest_s = self._now_s + Leg([self._place, *path], FAST_MS).seconds
        behind = earliest_s > target_s + 60
        dwell_seconds = self._rng.randint(40, 50) if behind else self._rng.randint(45, 90)
        dwell_seconds += 20 * (len(stops) - 1)
        ahead = self._disturbance.clock_ahead_seconds
        arrive_s = _clear_of_edges(max(target_s, earliest_s) + ahead, dwell_seconds, stops) - ahead
        self._drive_to(path, arrive_s)
        self._stand(self._now_s + dwell_seconds, ignition=True)
        visit = Visit(place, self._now_s - dwell_seconds, self._now_s, tuple(stops))
        self._visits.append(visit)
        self._lifting.lift(visit, named={stop.stop_id for stop in stops if self._needs_naming(stop)})
        self._lifting.mix(visit, [disturbance.mixed[stop.stop_id] for stop in stops if stop.stop_id in disturbance.mixed])
        blocked = [stop for stop in occasion.passed if stop.stop_id in disturbance.blocked]
        for number, stop in enumerate(blocked):
            report = {"kind": "driver_report", "code": "blocked", "stop_id": stop.stop_id, "note": "违停 parked cars"}
            self._reports.append((visit.arrive_s + 5 + 10 * number, report))

    def _drive_to(self, path: list[Place], arrive_s: int) -> None:
        """Along `path`, there at `arrive_s`, or as soon as it can be."""
        spare = arrive_s - self._now_s
        leg = next(
            (
                slower
                for slower in (Leg([self._place, *path], cruise_ms) for cruise_ms in (SLOW_MS, USUAL_MS, FAST_MS))
                if slower.seconds <= spare
            ),
            Leg([self._place, *path], FAST_MS),
        )
        wait_seconds = spare - leg.seconds
        if wait_seconds > SHORT_WAIT_SECONDS:
            self._wait_aside(path, arrive_s)
        elif wait_seconds > 0:
            self._stand(self._now_s + wait_seconds, ignition=True)
        final = Leg([self._place, *path], USUAL_MS) if wait_seconds > SHORT_WAIT_SECONDS else leg
        if self._now_s + final.seconds < arrive_s:
            self._wait(arrive_s - final.seconds)
        self._go(final)

    def _wait_aside(self, path: list[Place], arrive_s: int) -> None:
        """A place that no stop is near, left in time; the place where the truck is when there is none to reach."""
        if self._place == self._depot:
            return
        aside = self._clear_place(self._place, 300)
        if aside is None:
            return
        there, back = Leg([self._place, aside], USUAL_MS), Leg([aside, *path], USUAL_MS)
        if self._now_s + there.seconds + back.seconds < arrive_s:
            self._go(there)
            self._wait(arrive_s - back.seconds)

    def _wait(self, until_s: int) -> None:
        """Nobody lets the engine run for long, or the city would hear of it."""
        self._stand(until_s, ignition=until_s - self._now_s < SHORT_WAIT_SECONDS * 2)

    def _break_down(self) -> bool:
        """False when there is no place clear of all stops to break down at."""
        aside = self._clear_place(self._place, 250)
        if aside is None:
            return False
        self._go(Leg([self._place, aside], USUAL_MS))
        self._reports.append((self._now_s + 45, {"kind": "driver_report", "code": "breakdown", "note": "engine"}))
        return True

    def _is_time_for_the_depot(self, next_planned_s: int) -> bool:
        if not self._visits or self._place == self._depot:
            return False
        there = Leg([self._place, self._depot], FAST_MS).seconds
        return self._now_s + 3 * there + UNLOADING_SECONDS < next_planned_s

    def _return_to_depot(self) -> None:
        self._go(Leg([self._place, self._depot], USUAL_MS))
        if self._lifting.load_kg:
            self._lifting.unload(self._now_s, UNLOADING_SECONDS)
            self._stand(self._now_s + UNLOADING_SECONDS, ignition=True)

    def _go(self, leg: Leg) -> None:
        if leg.seconds == 0:
            return
        self._segments.append(Segment(self._now_s, self._now_s + leg.seconds, leg, self._odometer_m, ignition=True))
        arrived = leg.at(leg.seconds)
        self._now_s += leg.seconds
        self._place, self._heading_deg = arrived.place, arrived.heading_deg
        self._odometer_m += leg.length_m

    def _stand(self, until_s: int, *, ignition: bool) -> None:
        if until_s > self._now_s:
            standing = Motion(self._place, self._heading_deg, 0.0, 0.0)
            self._segments.append(Segment(self._now_s, until_s, standing, self._odometer_m, ignition))
            self._now_s = until_s

    def _clear_place(self, around: Place, least_m: int) -> Place | None:
        for distance_m in range(least_m, least_m + 1500, 150):
            for step in range(12):
                angle = FULL_CIRCLE * step / 12
                place = (around[0] + distance_m * cos(angle), around[1] + distance_m * sin(angle))
                if all(apart_m(place, stop) >= CLEAR_OF_STOPS_M for stop in self._stop_places):
                    return place
        return None


def _clear_of_edges(arrive_s: int, dwell_seconds: int, stops: Sequence[PlannedStop]) -> int:
    """Later, if it must be, so that the service is clearly in or out of every window; all by the unit's clock."""
    edges = sorted(edge for stop in stops for edge in (stop.window_start_s, stop.window_end_s))
    for edge_s in edges:
        if arrive_s - EDGE_MARGIN_SECONDS < edge_s < arrive_s + dwell_seconds + EDGE_MARGIN_SECONDS:
            arrive_s = edge_s + EDGE_MARGIN_SECONDS
    return arrive_s
