"""Plans and drives a truck's day: from the depot to place after place, each about when it is planned.

Pure and deterministic: the same runs, seed and disturbance give the same second-by-second day. A truck that has time
drives slowly or waits somewhere that no stop is near; one that is late drives faster, stands shorter, or is later.
"""

from collections.abc import Mapping, Sequence
from math import cos, sin
from random import Random
from typing import Any

from services.simulator.devices.day import (
    PlannedStop,
    Record,
    RunDisturbance,
    Segment,
    VehicleDay,
    VehicleDisturbance,
    Visit,
    planned_stops,
)
from services.simulator.devices.lifting import Lifting
from services.simulator.devices.motion import FULL_CIRCLE, GpsError, Leg, Motion, Place, Plane, apart_m
from services.simulator.devices.occasions import Occasion, Occasions
from services.simulator.devices.sweeping import LEAST_PART, MOST_PART, WORK_MS, way_along
from services.simulator.devices.tipping import (
    LONGEST_STAY_SECONDS,
    ON_SCALE_SECONDS,
    QUEUE_SECONDS,
    TIPPING_SECONDS,
    YARD_MS,
    Station,
    Tipping,
    Yard,
    weighed_kg,
)

SLOW_MS, USUAL_MS, FAST_MS = 18 / 3.6, 30 / 3.6, 45 / 3.6
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
    yard: Yard | None = None,
) -> VehicleDay:
    """`runs` as GET /v1/runs/{run_id} answers, at least one with stops; `depot` (lon, lat) is chosen when not given.
    Without a `yard` it unloads at the depot.

    The unit sends from `start_s` (an hour or so before the first stop when not given) until well after the last window,
    and at least until `end_s`.
    """
    stops = planned_stops(runs)
    if not stops:
        raise ValueError(f"no stops for {vehicle_id}")
    rng = Random(f"{seed}:{vehicle_id}:{stops[0].planned_s}")
    begin_s = stops[0].planned_s - LEAD_SECONDS if start_s is None else start_s
    return _Driver(vehicle_id, stops, disturbance or VehicleDisturbance(), depot, begin_s, rng, yard).drive(end_s)


class _Driver:
    def __init__(
        self,
        vehicle_id: str,
        stops: list[PlannedStop],
        disturbance: VehicleDisturbance,
        depot: tuple[float, float] | None,
        start_s: int,
        rng: Random,
        yard: Yard | None,
    ) -> None:
        self._vehicle_id = vehicle_id
        self._stops = stops
        self._disturbance = disturbance
        self._rng = rng
        self._plane = Plane(stops[0].lon, stops[0].lat)
        self._stop_places = [self._plane.place(stop.lon, stop.lat) for stop in stops]
        self._occasions = Occasions(stops, self._plane)
        self._depot = self._plane.place(*depot) if depot else self._clear_place((0.0, 0.0), 600) or (400.0, 400.0)
        self._lifting = Lifting(rng, self._plane, disturbance.tipping.scale_factor)
        self._yard = yard
        self._tippings: list[Tipping] = []
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
        if self._yard and self._lifting.load_kg:
            self._tip()
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
            tippings=tuple(self._tippings),
        )

    def _drive_run(self, stops: list[PlannedStop], disturbance: RunDisturbance) -> bool:
        """Whether the truck broke down."""
        occasions = self._occasions.of_run(stops, disturbance.missed | disturbance.blocked)
        if occasions:
            self._unload_between_runs(occasions[0].stops[0].planned_s + disturbance.shift_seconds)
        for served, occasion in enumerate(occasions):
            if served == disturbance.breakdown_after and self._break_down():
                return True
            if occasion.stops[0].line:
                self._work_along(occasion.stops[0], disturbance)
            else:
                self._serve(occasion, disturbance)
                if self._yard and self._lifting.load_kg >= self._yard.full_kg:
                    self._tip()
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

    def _serve(self, occasion: Occasion, disturbance: RunDisturbance) -> None:
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
        self._lifting.lift(visit, named={stop.stop_id for stop in stops if self._occasions.needs_naming(stop)})
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

    def _unload_between_runs(self, next_planned_s: int) -> None:
        station = self._nearest_station()
        if self._yard and station and self._lifting.load_kg >= self._yard.worth_kg:
            there = Leg([self._place, self._plane.place(station.lon, station.lat)], USUAL_MS).seconds
            if self._now_s + 2 * there + LONGEST_STAY_SECONDS < next_planned_s:
                self._tip()
        if self._is_time_for_the_depot(next_planned_s):
            self._return_to_depot()

    def _nearest_station(self) -> Station | None:
        return self._yard.nearest(self._place, self._plane, self._stream) if self._yard else None

    @property
    def _stream(self) -> str:
        """Of what is on board."""
        return next((stop.stream for visit in reversed(self._visits) for stop in visit.stops if stop.stream), "residual")

    def _tip(self) -> None:
        """To a station, over its scale, into a bay, and over the scale again."""
        faults, trip, station = self._disturbance.tipping, len(self._tippings) + 1, self._nearest_station()
        if station is None or (faults.tips_at_most is not None and trip > faults.tips_at_most):
            return
        bay_id = station.bay_for(self._stream, wrong=trip in faults.wrong_bays) or min(station.bays)
        gate, lifted_kg = self._plane.place(station.lon, station.lat), self._lifting.load_kg
        self._lifting.lose(faults.stolen_kg.get(trip, 0))
        self._go(Leg([self._place, gate], USUAL_MS))
        arrive_s = self._now_s
        self._stand(arrive_s + self._rng.randint(*QUEUE_SECONDS), ignition=True)
        weigh_in_s, net_kg = self._now_s, weighed_kg(self._lifting.true_kg, self._rng)
        self._stand(self._now_s + ON_SCALE_SECONDS, ignition=True)
        self._go(Leg([gate, station.bay_place(gate, bay_id)], YARD_MS))
        bay_s = self._now_s
        self._lifting.unload(bay_s, TIPPING_SECONDS)
        self._stand(bay_s + TIPPING_SECONDS, ignition=True)
        self._go(Leg([self._place, gate], YARD_MS))
        weigh_out_s = self._now_s
        self._stand(self._now_s + ON_SCALE_SECONDS, ignition=True)
        self._tippings.append(
            Tipping(
                self._vehicle_id,
                trip,
                station.station_id,
                bay_id,
                self._stream,
                lifted_kg,
                net_kg,
                arrive_s,
                weigh_in_s,
                bay_s,
                weigh_out_s,
                self._now_s,
            )
        )

    def _return_to_depot(self) -> None:
        self._go(Leg([self._place, self._depot], USUAL_MS))
        if self._lifting.load_kg and not self._yard:
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
