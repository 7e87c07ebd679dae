"""How a truck moves: straight legs in metres, gentle acceleration, and the small wandering error of its GPS."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, ceil, cos, degrees, hypot, pi, radians, sin, sqrt

Place = tuple[float, float]
"""Metres east and north of a plane's origin."""

METRES_PER_DEGREE = 111_194.93
ACCELERATION_MS2 = 1.0


@dataclass(frozen=True, slots=True)
class Plane:
    """A city's surface as a flat map; right to 0.1 % over the tens of kilometres that a truck drives."""

    lon: float
    lat: float

    def place(self, lon: float, lat: float) -> Place:
        return (lon - self.lon) * self._east, (lat - self.lat) * METRES_PER_DEGREE

    def degrees(self, place: Place) -> tuple[float, float]:
        """(lon, lat), rounded to 0.1 m."""
        return round(self.lon + place[0] / self._east, 6), round(self.lat + place[1] / METRES_PER_DEGREE, 6)

    @property
    def _east(self) -> float:
        return METRES_PER_DEGREE * cos(radians(self.lat))


def apart_m(one: Place, other: Place) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


@dataclass(frozen=True, slots=True)
class Motion:
    place: Place
    heading_deg: float
    speed_ms: float
    driven_m: float


class Leg:
    """From standing to standing along `path`, at `cruise_ms` between speeding up and braking, in whole seconds."""

    def __init__(self, path: Sequence[Place], cruise_ms: float) -> None:
        self._path = [path[0], *(after for before, after in pairwise(path) if before != after)]
        self._ends_m = [0.0]
        for before, after in pairwise(self._path):
            self._ends_m.append(self._ends_m[-1] + apart_m(before, after))
        self._top_ms = min(cruise_ms, sqrt(self.length_m * ACCELERATION_MS2)) or 1.0
        self._ramp_seconds = self._top_ms / ACCELERATION_MS2
        self._exact_seconds = self.length_m / self._top_ms + self._ramp_seconds if self.length_m else 0.0
        self.seconds = ceil(self._exact_seconds)

    @property
    def length_m(self) -> float:
        return self._ends_m[-1]

    @property
    def last_heading_deg(self) -> float | None:
        return self.at(self.seconds).heading_deg if len(self._path) > 1 else None

    def at(self, seconds: float) -> Motion:
        """After so many seconds of the leg."""
        if len(self._path) == 1:
            return Motion(self._path[0], 0.0, 0.0, 0.0)
        # The whole-second duration stretches the exact one a little.
        driven_m, speed_ms = self._profile(seconds * self._exact_seconds / self.seconds)
        part = min(bisect_right(self._ends_m, driven_m), len(self._ends_m) - 1)
        (x0, y0), (x1, y1) = self._path[part - 1], self._path[part]
        share = (driven_m - self._ends_m[part - 1]) / (self._ends_m[part] - self._ends_m[part - 1])
        heading_deg = degrees(atan2(x1 - x0, y1 - y0)) % 360
        return Motion((x0 + share * (x1 - x0), y0 + share * (y1 - y0)), heading_deg, speed_ms, driven_m)

    def _profile(self, seconds: float) -> tuple[float, float]:
        """Metres driven and speed of: speed up, cruise, brake."""
        left = self._exact_seconds - seconds
        if seconds <= 0:
            return 0.0, 0.0
        if left <= 0:
            return self.length_m, 0.0
        if seconds < self._ramp_seconds:
            return ACCELERATION_MS2 * seconds**2 / 2, ACCELERATION_MS2 * seconds
        if left < self._ramp_seconds:
            return self.length_m - ACCELERATION_MS2 * left**2 / 2, ACCELERATION_MS2 * left
        return self._top_ms * (seconds - self._ramp_seconds / 2), self._top_ms


@dataclass(frozen=True, slots=True)
class GpsError:
    """An error that wanders slowly, as a receiver's does: 2.7 m on average, never above 5.4 m; a function of time only."""

    phases: tuple[float, float, float, float]

    def shifted(self, place: Place, at_s: float) -> Place:
        a, b, c, d = self.phases
        east = 2.2 * sin(at_s / 71 + a) + 1.6 * sin(at_s / 29 + b)
        north = 2.2 * sin(at_s / 83 + c) + 1.6 * sin(at_s / 31 + d)
        return place[0] + east, place[1] + north


FULL_CIRCLE = 2 * pi
