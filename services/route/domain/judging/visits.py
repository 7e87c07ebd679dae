"""What a truck did at a place: it stood there, it lifted bins there, or both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.route.domain.judging.rules import JudgementRules
from shared.geo import flat_m


class Observation(NamedTuple):
    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None = None
    heading_deg: float | None = None


class Lift(NamedTuple):
    """`service_point_id` is what the truck says it emptied, if it says so."""

    lift_id: str
    at: datetime
    service_point_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    net_kg: int | None = None


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
