"""Streets as lines: how long, where half of it lies, and which of them are near a position.

Asked for every fix of every truck that has streets to do, so that it must cost next to nothing.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import atan2, ceil, cos, degrees, floor, hypot, radians
from typing import NamedTuple

from shared.geo import METRES_PER_DEGREE, Point, flat_m


class Box(NamedTuple):
    """Degrees."""

    west: float
    south: float
    east: float
    north: float


def box_around(lon: float, lat: float, radius_m: float) -> Box:
    up = radius_m / METRES_PER_DEGREE
    across = up / max(cos(radians(lat)), 0.01)
    return Box(lon - across, lat - up, lon + across, lat + up)


def length_m(line: Sequence[Point]) -> float:
    return sum(flat_m(*start, *end) for start, end in pairwise(line))


def midpoint(line: Sequence[Point]) -> Point:
    """Half-way along the line."""
    left_m = length_m(line) / 2
    for start, end in pairwise(line):
        step_m = flat_m(*start, *end)
        if 0 < step_m >= left_m:
            share = left_m / step_m
            return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        left_m -= step_m
    return line[-1]


def metres_from(line: Sequence[Point], lon: float, lat: float) -> float:
    """From a place to the nearest point of the line."""
    return min(_segment(0, 0.0, start, end).near(lon, lat).off_m for start, end in pairwise(line))


def bearing_deg(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Clockwise from north."""
    return degrees(atan2((lon_b - lon_a) * cos(radians((lat_a + lat_b) / 2)), lat_b - lat_a)) % 360


class Near(NamedTuple):
    """A place beside a straight piece of a line: which line, metres from its beginning and off it, the way it runs there."""

    line: int
    along_m: float
    off_m: float
    direction_deg: float


class _Segment(NamedTuple):
    line: int
    lon: float
    lat: float
    metres_per_lon: float
    east_m: float
    north_m: float
    long_m: float
    begin_m: float
    direction_deg: float

    def near(self, lon: float, lat: float) -> Near:
        east_m, north_m = (lon - self.lon) * self.metres_per_lon, (lat - self.lat) * METRES_PER_DEGREE
        along = (east_m * self.east_m + north_m * self.north_m) / (self.long_m * self.long_m) if self.long_m else 0.0
        share = min(max(along, 0.0), 1.0)
        off_m = hypot(east_m - share * self.east_m, north_m - share * self.north_m)
        return Near(self.line, self.begin_m + share * self.long_m, off_m, self.direction_deg)


def _segment(number: int, begin_m: float, start: Point, end: Point) -> _Segment:
    metres_per_lon = METRES_PER_DEGREE * cos(radians((start[1] + end[1]) / 2))
    east_m, north_m = (end[0] - start[0]) * metres_per_lon, (end[1] - start[1]) * METRES_PER_DEGREE
    return _Segment(number, *start, metres_per_lon, east_m, north_m, hypot(east_m, north_m), begin_m, bearing_deg(*start, *end))


class Lines:
    """A grid of cells along the lines; every cell lists the pieces that can be within reach of a place in it."""

    def __init__(self, lines: Sequence[Sequence[Point]], reach_m: float) -> None:
        self._reach_m = reach_m
        widest = min((cos(radians(lat)) for line in lines for _, lat in line), default=1.0)
        # Places on a line are looked at every half reach, so a cell is a little more than the reach wide.
        self._cells_per_lat = METRES_PER_DEGREE / (reach_m * 1.3)
        self._cells_per_lon = self._cells_per_lat * max(widest * 0.999, 1e-6)
        self._cells: dict[tuple[int, int], list[_Segment]] = {}
        self.lengths_m = [self._add(number, line) for number, line in enumerate(lines)]

    def near(self, lon: float, lat: float) -> list[Near]:
        """The pieces of lines within reach."""
        cell = self._cells.get((floor(lon * self._cells_per_lon), floor(lat * self._cells_per_lat)))
        if cell is None:
            return []
        pieces = [segment.near(lon, lat) for segment in cell]
        return [near for near in pieces if near.off_m <= self._reach_m]

    def _add(self, number: int, line: Sequence[Point]) -> float:
        """Its length in metres."""
        begin_m = 0.0
        for start, end in pairwise(line):
            segment = _segment(number, begin_m, start, end)
            for cell in self._cells_along(segment, start, end):
                self._cells.setdefault(cell, []).append(segment)
            begin_m += segment.long_m
        return begin_m

    def _cells_along(self, segment: _Segment, start: Point, end: Point) -> set[tuple[int, int]]:
        steps = max(1, ceil(segment.long_m / self._reach_m * 2))
        cells = set()
        for step in range(steps + 1):
            lon, lat = (start[i] + (end[i] - start[i]) * step / steps for i in (0, 1))
            column, row = floor(lon * self._cells_per_lon), floor(lat * self._cells_per_lat)
            cells |= {(c, r) for c in (column - 1, column, column + 1) for r in (row - 1, row, row + 1)}
        return cells
