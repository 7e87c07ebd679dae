"""Which stop of a vehicle-day is near a position: asked for every fix of every truck, so it must cost next to nothing."""

from collections.abc import Iterable
from math import cos, floor, radians, sqrt
from typing import Protocol

from shared.geo import METRES_PER_DEGREE


class Located(Protocol):
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...


class NearbyStops:
    """A grid of cells one radius wide; every cell lists the stops that can be within the radius of a point in it."""

    def __init__(self, stops: Iterable[Located], radius_m: float) -> None:
        """Of stops equally near the first one given wins: give them in planned order."""
        places = [(stop.lon, stop.lat) for stop in stops]
        self._radius_squared = radius_m * radius_m
        widest = min((cos(radians(lat)) for _, lat in places), default=1.0)
        self._cells_per_lat = METRES_PER_DEGREE / (radius_m * 1.001)
        self._cells_per_lon = self._cells_per_lat * max(widest * 0.999, 1e-6)
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, int]]] = {}
        for number, (lon, lat) in enumerate(places):
            entry = (lon, lat, METRES_PER_DEGREE * cos(radians(lat)), number)
            column, row = floor(lon * self._cells_per_lon), floor(lat * self._cells_per_lat)
            for near_column in (column - 1, column, column + 1):
                for near_row in (row - 1, row, row + 1):
                    self._cells.setdefault((near_column, near_row), []).append(entry)

    def nearest(self, lon: float, lat: float) -> tuple[int, float] | None:
        """Number of the nearest stop (in the order given) and its distance in metres; None if none is in radius."""
        cell = self._cells.get((floor(lon * self._cells_per_lon), floor(lat * self._cells_per_lat)))
        if cell is None:
            return None
        best_squared, best = self._radius_squared, -1
        for stop_lon, stop_lat, metres_per_lon, number in cell:
            north = (lat - stop_lat) * METRES_PER_DEGREE
            east = (lon - stop_lon) * metres_per_lon
            squared = east * east + north * north
            if squared < best_squared or (best < 0 and squared == best_squared):
                best_squared, best = squared, number
        return (best, sqrt(best_squared)) if best >= 0 else None
