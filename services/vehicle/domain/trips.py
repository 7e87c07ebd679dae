"""A track cut into trips and stops, from positions in the order of their time.

A stop is a stay within a radius for some minutes; what lies between two stops is a trip, unless it is shorter than
GPS noise. A long silence ends whatever was going on: nobody knows what happened in it.

Each leg says how far by the track and how far by the odometer, and for how long nobody saw the way: a distance without
its error is a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import fmean

from services.vehicle.domain.limits import TripRules
from services.vehicle.domain.motion import Fix
from shared.geo import flat_m

DISTANCE_DIFFERS, ODOMETER_WENT_BACK = "distance_differs", "odometer_went_back"
"""Findings: track and odometer differ by more than tolerated; the odometer's readings cannot be used."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A `trip` or a `stop`. A stop's place is the mean of its fixes, its distance what the truck moved within it."""

    kind: str
    started_at: datetime
    ended_at: datetime
    fixes: int
    distance_m: int
    lon: float
    lat: float
    end_lon: float
    end_lat: float
    max_speed_kmh: float | None
    odometer_m: int | None
    gap_seconds: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distance:
    """Of a whole track: `moved_in_stops_m` is part of `distance_m`; the odometer also counts what lies between the legs."""

    distance_m: int
    moved_in_stops_m: int
    odometer_m: int | None
    gap_seconds: int
    findings: tuple[str, ...]


def total(track: Sequence[Fix], parts: Sequence[Leg], rules: TripRules) -> Distance:
    """How far in all."""
    moved_m = sum(leg.distance_m for leg in parts if leg.kind == "stop")
    distance_m = sum(leg.distance_m for leg in parts)
    odometer_m, findings = _by_odometer(track, distance_m, rules)
    return Distance(distance_m, moved_m, odometer_m, _gap_seconds(track, rules), findings)


def legs(track: Sequence[Fix], rules: TripRules) -> list[Leg]:
    """The trips and stops of a track, in order."""
    parts: list[Leg] = []
    for piece in _pieces(track, rules.gap_minutes * 60):
        parts += _legs_of(piece, rules)
    return parts


def _pieces(track: Sequence[Fix], gap_seconds: float) -> list[Sequence[Fix]]:
    pieces, start = [], 0
    for i in range(1, len(track)):
        if (track[i].at - track[i - 1].at).total_seconds() > gap_seconds:
            pieces.append(track[start:i])
            start = i
    return [*pieces, track[start:]] if track else []


def _legs_of(piece: Sequence[Fix], rules: TripRules) -> list[Leg]:
    parts: list[Leg] = []
    moving_from = at = 0
    while at < len(piece):
        end = _stay_end(piece, at, rules.stop_radius_m)
        if (piece[end].at - piece[at].at).total_seconds() < rules.stop_minutes * 60:
            at += 1
            continue
        parts += _trip(piece[moving_from : at + 1], rules)
        parts.append(_stop(piece[at : end + 1], rules))
        moving_from = at = end
        at += 1
    return parts + _trip(piece[moving_from:], rules)


def _stay_end(piece: Sequence[Fix], start: int, radius_m: float) -> int:
    """The last fix of the stay that begins at `start`; one fix outside the radius does not end it, two do."""
    first, end, outside = piece[start], start, 0
    for i in range(start + 1, len(piece)):
        if flat_m(first.lon, first.lat, piece[i].lon, piece[i].lat) <= radius_m:
            end, outside = i, 0
        else:
            outside += 1
            if outside > 1:
                break
    return end


def _trip(fixes: Sequence[Fix], rules: TripRules) -> list[Leg]:
    if len(fixes) < 2:  # noqa: PLR2004 - a way needs two ends
        return []
    distance_m = sum(flat_m(a.lon, a.lat, b.lon, b.lat) for a, b in pairwise(fixes))
    if distance_m < rules.trip_min_m:
        return []
    return [_leg("trip", fixes, distance_m, rules)]


def _stop(fixes: Sequence[Fix], rules: TripRules) -> Leg:
    return _leg("stop", fixes, _moved_m(fixes, rules.jitter_m), rules)


def _leg(kind: str, fixes: Sequence[Fix], distance_m: float, rules: TripRules) -> Leg:
    first, last, top = fixes[0], fixes[-1], None
    ends = first.lon, first.lat, last.lon, last.lat
    if kind == "stop":
        mean = round(fmean(fix.lon for fix in fixes), 6), round(fmean(fix.lat for fix in fixes), 6)
        ends = *mean, *mean
    else:
        top = max((fix.speed_kmh for fix in fixes if fix.speed_kmh is not None), default=None)
    odometer_m, findings = _by_odometer(fixes, distance_m, rules)
    gap_seconds = _gap_seconds(fixes, rules)
    return Leg(kind, first.at, last.at, len(fixes), round(distance_m), *ends, top, odometer_m, gap_seconds, findings)


def _moved_m(fixes: Sequence[Fix], jitter_m: float) -> float:
    """The way from one place to the next that lies further off than a standing truck seems to wander."""
    moved_m, place = 0.0, fixes[0]
    for fix in fixes:
        way_m = flat_m(place.lon, place.lat, fix.lon, fix.lat)
        if way_m > jitter_m:
            moved_m, place = moved_m + way_m, fix
    return moved_m


def _by_odometer(fixes: Sequence[Fix], distance_m: float, rules: TripRules) -> tuple[int | None, tuple[str, ...]]:
    """Metres between the first and last reading, None without two that can be used; and what is to be found about them."""
    readings = [fix.odometer_km for fix in fixes if fix.odometer_km is not None]
    if len(readings) < 2:  # noqa: PLR2004 - a difference needs two
        return None, ()
    if any(after < before for before, after in pairwise(readings)):
        return None, (ODOMETER_WENT_BACK,)
    odometer_m = round((readings[-1] - readings[0]) * 1000)
    tolerated_m = max(rules.distance_tolerance_m, rules.distance_tolerance_ratio * odometer_m)
    return odometer_m, (DISTANCE_DIFFERS,) if abs(odometer_m - distance_m) > tolerated_m else ()


def _gap_seconds(fixes: Sequence[Fix], rules: TripRules) -> int:
    pauses = ((after.at - before.at).total_seconds() for before, after in pairwise(fixes))
    return round(sum(seconds for seconds in pauses if seconds > rules.gap_seconds))
