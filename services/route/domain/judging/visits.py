"""What a truck did at places: it stood there, it lifted bins there, or both; and which stop that was meant for.

1. A position belongs to the nearest stop within `near_radius_m`; stops that GPS cannot tell apart are one *place*.
2. Standing still at a place, and lifting bins there, makes a *visit*.
3. Stops planned together at a place are one *occasion*. A lift that names its service point serves that point's stop;
   other visits serve the occasions of their place, in order, as many as possible, each the nearest in time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.route.domain.judging.facts import Lift, Observation, VehicleDayFacts
from services.route.domain.judging.pairs import matched
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.nearby import NearbyStops
from services.route.domain.places import Occasion, PlannedStop, places_of
from shared.geo import flat_m


class Sighting(NamedTuple):
    """An observation near a stop of the place with this number."""

    at: datetime
    place: int
    metres: float
    lon: float
    lat: float
    speed_kmh: float | None


@dataclass(slots=True, eq=False)
class Stretch:
    """Standing at a place from one observation to another."""

    place: int
    begin: datetime
    end: datetime
    nearest_m: float

    def seconds_from(self, at: datetime) -> float:
        return max((self.begin - at).total_seconds(), (at - self.end).total_seconds(), 0.0)


@dataclass(slots=True, eq=False)
class Visit:
    place: int
    begin: datetime
    end: datetime
    stretches: list[Stretch] = field(default_factory=list)
    lifts: list[Lift] = field(default_factory=list)

    @property
    def dwell_seconds(self) -> float:
        return sum((stretch.end - stretch.begin).total_seconds() for stretch in self.stretches)


def stretches_of(sightings: Sequence[Sighting], rules: JudgementRules) -> list[Stretch]:
    """Sightings in time order. A pause between two slow sightings up to `visit_gap_seconds` still is one stretch,
    unless the truck was seen moving in between; slow at the neighbouring place may be a GPS error and ends nothing."""
    gap = timedelta(seconds=rules.visit_gap_seconds)
    stretches: list[Stretch] = []
    standing: dict[int, Stretch] = {}
    for sighting, is_slow in zip(sightings, _slowness(sightings, rules), strict=True):
        if is_slow is False:
            standing.clear()
        elif is_slow:
            stretch = standing.get(sighting.place)
            if stretch is None or sighting.at - stretch.end > gap:
                stretch = Stretch(sighting.place, sighting.at, sighting.at, sighting.metres)
                standing[sighting.place] = stretch
                stretches.append(stretch)
            stretch.end = sighting.at
            stretch.nearest_m = min(stretch.nearest_m, sighting.metres)
    return stretches


def _slowness(sightings: Sequence[Sighting], rules: JudgementRules) -> list[bool | None]:
    """By the speed a device gives, else by the way to the sightings before and after; None when nothing tells."""
    hops = [_hop_kmh(before, after, rules) for before, after in pairwise(sightings)]
    slow: list[bool | None] = []
    for sighting, before, after in zip(sightings, [None, *hops], [*hops, None], strict=False):
        speeds = [speed for speed in (before, after) if speed is not None]
        speed = sighting.speed_kmh if sighting.speed_kmh is not None else min(speeds, default=None)
        slow.append(None if speed is None else speed <= rules.dwell_speed_kmh)
    return slow


def _hop_kmh(before: Sighting, after: Sighting, rules: JudgementRules) -> float | None:
    seconds = (after.at - before.at).total_seconds()
    if not 0 < seconds <= rules.visit_gap_seconds:
        return None
    return flat_m(before.lon, before.lat, after.lon, after.lat) / seconds * 3.6


def visits_of(stretches: Iterable[Stretch], lifts: Iterable[tuple[int, Lift]], rules: JudgementRules) -> list[Visit]:
    """Stretches and lifts (with the number of their place) that follow each other within the gap are one visit.

    Two stretches alone are not joined: the truck was seen moving between them.
    """
    parts: list[tuple[int, datetime, datetime, Stretch | Lift]] = [
        (stretch.place, stretch.begin, stretch.end, stretch) for stretch in stretches
    ]
    parts += [(place, lift.at, lift.at, lift) for place, lift in lifts]
    by_place: defaultdict[int, list[tuple[datetime, datetime, Stretch | Lift]]] = defaultdict(list)
    for place, begin, end, part in parts:
        by_place[place].append((begin, end, part))
    visits = []
    for place, place_parts in sorted(by_place.items()):
        place_parts.sort(key=lambda part: (part[0], part[1], part[2].lift_id if isinstance(part[2], Lift) else ""))
        visits += _joined(place, place_parts, timedelta(seconds=rules.visit_gap_seconds))
    return visits


def _joined(place: int, parts: list[tuple[datetime, datetime, Stretch | Lift]], gap: timedelta) -> list[Visit]:
    visits: list[Visit] = []
    ends_standing = False
    for begin, end, part in parts:
        is_stretch = isinstance(part, Stretch)
        if not visits or begin - visits[-1].end > gap or (ends_standing and is_stretch):
            visits.append(Visit(place, begin, end))
            ends_standing = is_stretch
        visit = visits[-1]
        if end >= visit.end:
            ends_standing = is_stretch or (ends_standing and end == visit.end)
            visit.end = end
        if isinstance(part, Stretch):
            visit.stretches.append(part)
        else:
            visit.lifts.append(part)
    return visits


# --- of a vehicle's day -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceVisits:
    """Of a vehicle's day: in the order of time where it was seen near a place, all its visits, the one that served each stop,
    and the lifts that belong to no place."""

    sightings: list[Sighting]
    visits: list[Visit]
    services: dict[PlannedStop, Visit]
    other_lifts: list[Lift]


class Places:
    """The places of a vehicle's day, prepared once; what was done there is asked as often as facts arrive."""

    def __init__(self, stops: Sequence[PlannedStop], rules: JudgementRules) -> None:
        """`stops` in planned order, without those that are sections."""
        self.rules, self.stops = rules, stops
        self.places = places_of(stops, rules)
        self.number_of = {stop: number for number, place in enumerate(self.places) for stop in place.stops}
        self._place_numbers = [self.number_of[stop] for stop in stops]
        self._stops_of_point: dict[str | None, list[tuple[PlannedStop, int]]] = {}
        for stop in stops:
            self._stops_of_point.setdefault(stop.service_point_id, []).append((stop, self.number_of[stop]))
        self._nearby = NearbyStops(stops, rules.near_radius_m)

    def nearest_stop(self, lon: float, lat: float) -> tuple[PlannedStop, float] | None:
        """The stop a position belongs to and the metres to it; positions without one need not be kept for judging."""
        near = self._nearby.nearest(lon, lat)
        return None if near is None else (self.stops[near[0]], near[1])

    def visited(self, facts: VehicleDayFacts) -> PlaceVisits:
        sightings = self._sightings(facts.positions)
        stretches = stretches_of(sightings, self.rules)
        located = [(self._place_of_lift(lift, stretches), lift) for lift in _distinct(facts.lifts)]
        visits = visits_of(stretches, [(place, lift) for place, lift in located if place is not None], self.rules)
        return PlaceVisits(sightings, visits, self._services(visits), [lift for place, lift in located if place is None])

    def companions(self, stop: PlannedStop, visit: Visit, services: dict[PlannedStop, Visit]) -> tuple[str, ...]:
        """The other stops that the visit served."""
        there = self.places[visit.place].stops
        return tuple(other.stop_id for other in there if other != stop and services.get(other) is visit)

    def lifts_for(self, stop: PlannedStop, visit: Visit) -> list[Lift]:
        """Those of the visit that emptied what the stop is about, or do not say what they emptied."""
        return [lift for lift in visit.lifts if lift.service_point_id == stop.service_point_id or not self._names_a_stop(lift)]

    def _sightings(self, observations: Iterable[Observation]) -> list[Sighting]:
        sightings = []
        for at, lon, lat, speed_kmh, _ in set(observations):
            near = self._nearby.nearest(lon, lat)
            if near is not None:
                sightings.append(Sighting(at, self._place_numbers[near[0]], near[1], lon, lat, speed_kmh))
        no_speed = -1.0
        return sorted(sightings, key=lambda s: (*s[:5], no_speed if s.speed_kmh is None else s.speed_kmh))

    def _place_of_lift(self, lift: Lift, stretches: Sequence[Stretch]) -> int | None:
        """By the service point it names, else by its position, else by where the truck stood at the time."""
        named = self._stops_of_point.get(lift.service_point_id)
        if named:
            return min(named, key=lambda at_place: abs(at_place[0].planned_at - lift.at))[1]
        if lift.lon is not None and lift.lat is not None:
            near = self._nearby.nearest(lift.lon, lift.lat)
            return None if near is None else self._place_numbers[near[0]]
        then = [stretch for stretch in stretches if stretch.seconds_from(lift.at) <= self.rules.visit_gap_seconds]
        nearest = min(then, key=lambda s: (s.seconds_from(lift.at), s.begin, s.place), default=None)
        return None if nearest is None else nearest.place

    # --- which visit served which stop

    def _services(self, visits: Sequence[Visit]) -> dict[PlannedStop, Visit]:
        at_place: defaultdict[int, list[Visit]] = defaultdict(list)
        for visit in visits:
            at_place[visit.place].append(visit)
        services: dict[PlannedStop, Visit] = {}
        for number, place_visits in at_place.items():
            place = self.places[number]
            here = self._served_by_name(place.stops, place_visits)
            general = [visit for visit in place_visits if self._serves_whoever_is_here(visit)]
            self._serve_companions(place.occasions, general, here)
            self._serve_in_order(place.occasions, general, here)
            self._serve_waiting(place.occasions, general, here)
            services |= here
        return services

    def _served_by_name(self, stops: Sequence[PlannedStop], visits: Sequence[Visit]) -> dict[PlannedStop, Visit]:
        services: dict[PlannedStop, Visit] = {}
        for point_id in {lift.service_point_id for visit in visits for lift in visit.lifts}:
            named = [visit for visit in visits if any(lift.service_point_id == point_id for lift in visit.lifts)]
            occasions = [Occasion((stop,)) for stop in stops if stop.service_point_id == point_id]
            services |= {occasion.stops[0]: visit for occasion, visit in matched(occasions, named, self._seconds_apart)}
        return services

    def _serve_companions(
        self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]
    ) -> None:
        """A visit that a lift gave to one stop of an occasion serves the others there too, if the truck stood."""
        for occasion in occasions:
            companions = [services[stop] for stop in occasion.stops if stop in services]
            visits = sorted((visit for visit in general if visit in companions), key=lambda visit: visit.begin)
            for stop in occasion.stops:
                if visits and stop not in services:
                    services[stop] = min(visits, key=lambda visit: abs(visit.begin - stop.planned_at))

    def _serve_in_order(
        self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]
    ) -> None:
        used = list(services.values())
        free = [visit for visit in general if visit not in used]
        waiting = [occasion for occasion in occasions if any(stop not in services for stop in occasion.stops)]
        for occasion, visit in matched(waiting, free, self._seconds_apart, is_strong=lambda v: bool(v.lifts)):
            for stop in occasion.stops:
                services.setdefault(stop, visit)

    def _serve_waiting(self, occasions: Sequence[Occasion], general: Sequence[Visit], services: dict[PlannedStop, Visit]) -> None:
        """A truck that stays over several occasions of a place serves them all; it may be minutes off each. What was
        ordered is served as well by a truck that comes for another stop in time."""
        near = timedelta(seconds=self.rules.visit_gap_seconds)
        for occasion in occasions:
            until = occasion.stops[0].window_end if occasion.not_before else occasion.end + near
            there = [v for v in general if v.begin <= until and v.end >= (occasion.not_before or occasion.begin - near)]
            for stop in occasion.stops:
                if there:
                    services.setdefault(stop, there[0])

    def _serves_whoever_is_here(self, visit: Visit) -> bool:
        stood = bool(visit.stretches) and visit.dwell_seconds >= self.rules.dwell_seconds
        return stood or any(not self._names_a_stop(lift) for lift in visit.lifts)

    def _names_a_stop(self, lift: Lift) -> bool:
        return lift.service_point_id in self._stops_of_point

    def _seconds_apart(self, occasion: Occasion, visit: Visit) -> float | None:
        """Between the planned times and the visit; None for what cannot be meant for the occasion."""
        if occasion.not_before is not None and visit.end < occasion.not_before:
            return None
        early = (occasion.begin - visit.end).total_seconds()
        late = (visit.begin - occasion.end).total_seconds()
        most_early = self.rules.match_hours * 3600 if visit.lifts else self.rules.match_early_minutes * 60
        if early > most_early or late > self.rules.match_hours * 3600:
            return None
        return max(early, late, 0.0)


def _distinct(lifts: Iterable[Lift]) -> list[Lift]:
    """One of each lift id, in time order; should two differ under one id, always the same one is taken."""
    ordered = sorted(lifts, key=lambda lift: (lift.at, lift.lift_id, repr(lift)), reverse=True)
    return sorted({lift.lift_id: lift for lift in ordered}.values(), key=lambda lift: (lift.at, lift.lift_id))
