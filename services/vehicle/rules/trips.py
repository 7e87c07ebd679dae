"""A track cut into trips and stops, from positions in the order of their time.

A stop is a stay within a radius for some minutes; what lies between two stops is a trip, unless it is shorter than
GPS noise. A long silence ends whatever was going on: nobody knows what happened in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import fmean

from services.vehicle.rules.limits import TripRules
from services.vehicle.rules.motion import Fix
from shared.geo import flat_m


@dataclass(frozen=True, slots=True)
class Leg:
    """A `trip` or a `stop`. A stop's place is the mean of its fixes."""

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


def legs(track: Sequence[Fix], rules: TripRules) -> list[Leg]:
    """The trips and stops of a track, in order."""
    found: list[Leg] = []
    for piece in _pieces(track, rules.gap_minutes * 60):
        found += _legs_of(piece, rules)
    return found


def _pieces(track: Sequence[Fix], gap_seconds: float) -> list[Sequence[Fix]]:
    pieces, start = [], 0
    for i in range(1, len(track)):
        if (track[i].at - track[i - 1].at).total_seconds() > gap_seconds:
            pieces.append(track[start:i])
            start = i
    return [*pieces, track[start:]] if track else []


def _legs_of(piece: Sequence[Fix], rules: TripRules) -> list[Leg]:
    found: list[Leg] = []
    moving_from = at = 0
    while at < len(piece):
        end = _stay_end(piece, at, rules.stop_radius_m)
        if (piece[end].at - piece[at].at).total_seconds() < rules.stop_minutes * 60:
            at += 1
            continue
        found += _trip(piece[moving_from : at + 1], rules)
        found.append(_stop(piece[at : end + 1]))
        moving_from = at = end
        at += 1
    return found + _trip(piece[moving_from:], rules)


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
    first, last = fixes[0], fixes[-1]
    speeds = [fix.speed_kmh for fix in fixes if fix.speed_kmh is not None]
    top = max(speeds) if speeds else None
    return [Leg("trip", first.at, last.at, len(fixes), round(distance_m), first.lon, first.lat, last.lon, last.lat, top)]


def _stop(fixes: Sequence[Fix]) -> Leg:
    lon, lat = round(fmean(fix.lon for fix in fixes), 6), round(fmean(fix.lat for fix in fixes), 6)
    return Leg("stop", fixes[0].at, fixes[-1].at, len(fixes), 0, lon, lat, lon, lat, None)
