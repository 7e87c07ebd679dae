"""Which trucks were at a station's gate when: from positions to visits, from visits to the truck of a ticket."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, radians
from typing import NamedTuple

from shared.geo import METRES_PER_DEGREE, flat_m, point_in_polygon

CELL_DEG = 0.01
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Gate:
    """WGS-84; `rings` of a polygon, or all within `radius_m`."""

    station_id: str
    lon: float
    lat: float
    radius_m: float
    rings: Sequence[Sequence[tuple[float, float]]] | None = None

    def holds(self, lon: float, lat: float) -> bool:
        if self.rings:
            return point_in_polygon(lon, lat, self.rings)
        return flat_m(self.lon, self.lat, lon, lat) <= self.radius_m

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        if self.rings:
            lons, lats = zip(*((corner[0], corner[1]) for ring in self.rings for corner in ring), strict=True)
            return min(lons), min(lats), max(lons), max(lats)
        north = self.radius_m / METRES_PER_DEGREE
        east = north / max(cos(radians(self.lat)), 0.01)
        return self.lon - east, self.lat - north, self.lon + east, self.lat + north


class Gates:
    """Asked for every position of every truck: one look-up in a dictionary for all that are nowhere near a station."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        self._cells: dict[tuple[int, int], list[Gate]] = {}
        for gate in gates:
            west, south, east, north = gate.bounds()
            for column in range(floor(west / CELL_DEG), floor(east / CELL_DEG) + 1):
                for line in range(floor(south / CELL_DEG), floor(north / CELL_DEG) + 1):
                    self._cells.setdefault((column, line), []).append(gate)

    def at(self, lon: float, lat: float) -> str | None:
        """The station whose gate holds this point."""
        near = self._cells.get((floor(lon / CELL_DEG), floor(lat / CELL_DEG)))
        return next((gate.station_id for gate in near if gate.holds(lon, lat)), None) if near else None


class GateMinute(NamedTuple):
    """A truck was at a station's gate in this minute."""

    station_id: str
    vehicle_id: str
    minute: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A truck's stay at a gate: the first minute it was seen there, and the end of the last."""

    vehicle_id: str
    arrived_at: datetime
    left_at: datetime


def visits(minutes: Mapping[str, Collection[datetime]], gap_minutes: float) -> list[Visit]:
    """Each truck's minutes at the gate, in any order, cut where it was not seen for longer than the gap."""
    stays = []
    gap = timedelta(minutes=gap_minutes)
    for vehicle_id in sorted(minutes):
        first = last = None
        for minute in sorted(minutes[vehicle_id]):
            if first is None or last is None or minute - last > gap:
                if first is not None and last is not None:
                    stays.append(Visit(vehicle_id, first, last + MINUTE))
                first = minute
            last = minute
        if first is not None and last is not None:
            stays.append(Visit(vehicle_id, first, last + MINUTE))
    return stays


def visit_at(stays: Iterable[Visit], at: datetime, slack_minutes: float) -> Visit | None:
    """The stay during which, or next to which, something was weighed; the nearest of several of one truck."""
    slack = timedelta(minutes=slack_minutes)
    near = [stay for stay in stays if stay.arrived_at - slack <= at < stay.left_at + slack]
    return min(near, key=lambda stay: (_outside(stay, at), stay.arrived_at), default=None)


def _outside(stay: Visit, at: datetime) -> timedelta:
    return max(stay.arrived_at - at, at - stay.left_at, timedelta(0))


def truck_at_gate(stays: Sequence[Visit], at: datetime, slack_minutes: float, fitting: Collection[str]) -> str | None:
    """The one truck that can have been weighed then: the only fitting one at the gate; None when there are several or none."""
    within = {stay.vehicle_id for stay in stays if stay.arrived_at <= at < stay.left_at} & set(fitting)
    if not within:
        slack = timedelta(minutes=slack_minutes)
        within = {s.vehicle_id for s in stays if s.arrived_at - slack <= at < s.left_at + slack} & set(fitting)
    return within.pop() if len(within) == 1 else None


def waiting(
    minutes: Mapping[str, Collection[datetime]],
    weighed_in: Mapping[str, datetime],
    at: datetime,
    gap_minutes: float,
    slack_minutes: float,
) -> list[Visit]:
    """Stays of trucks still at the gate that were not weighed in since they came, in the order they came."""
    gap, slack = timedelta(minutes=gap_minutes), timedelta(minutes=slack_minutes)
    there = [stay for stay in visits(minutes, gap_minutes) if stay.left_at > at - gap]
    unweighed = [stay for stay in there if weighed_in.get(stay.vehicle_id, stay.arrived_at - slack) <= stay.arrived_at - slack]
    return sorted(unweighed, key=lambda stay: stay.arrived_at)


def is_like(one: str, other: str) -> bool:
    """Whether one plate may be the other misread: as long, and at most one character differs."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 1
