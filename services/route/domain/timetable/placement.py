"""Whether a stop's place fits the other stops of its route, and the route fits the file.

What lies in another part of the country is rejected. What is only odd for its route is kept, with a warning that names it:
a route of a dense quarter is odd at two kilometres, one between villages is not at twenty.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from services.route.domain.timetable.drafts import Draft, Notes
from services.route.domain.timetable.limits import ImportLimits
from shared.geo import Point, flat_m


def without_misplaced(drafts: list[Draft], limits: ImportLimits, notes: Notes) -> list[Draft]:
    """Rejects stops far from the median of their route; routes too short for a median are held against the file's."""
    of_route: dict[str, list[Draft]] = {}
    for draft in drafts:
        of_route.setdefault(draft.route_id, []).append(draft)
    file_middle = _middle(drafts) if len(drafts) >= limits.file_median_min_stops else None
    kept = set()
    for stops in of_route.values():
        has_median = len(stops) >= limits.route_median_min_stops
        middle = _middle(stops) if has_median else file_middle
        limit_m = _route_limit_m(stops, middle, limits) if has_median and middle else limits.far_from_file_km * 1000
        for stop in stops:
            if middle is None or not _is_misplaced(stop, middle, limit_m, "route" if has_median else "file", notes):
                kept.add(stop.row)
    return [draft for draft in drafts if draft.row in kept]


def _is_misplaced(stop: Draft, middle: Point, limit_m: float, whose: str, notes: Notes) -> bool:
    off_m = flat_m(stop.lon, stop.lat, *middle)
    if off_m <= limit_m:
        return False
    if abs(stop.lon) <= 90 and flat_m(stop.lat, stop.lon, *middle) <= limit_m:  # noqa: PLR2004 - degrees
        notes.reject_draft(stop, "lon_lat_swapped", f"fits its {whose} only with lon and lat swapped")
    else:
        detail = f"{off_m / 1000:.0f} km from the middle of its {whose}, more than {limit_m / 1000:.0f} km"
        notes.reject_draft(stop, f"far_from_{whose}", detail)
    return True


def _route_limit_m(stops: list[Draft], middle: Point, limits: ImportLimits) -> float:
    """A route that is long in itself, between villages, may have ends farther off."""
    typical_m = median(flat_m(stop.lon, stop.lat, *middle) for stop in stops)
    return max(limits.far_from_route_km * 1000, limits.far_from_route_times_median * typical_m)


def _middle(stops: Iterable[Draft]) -> Point:
    places = [(stop.lon, stop.lat) for stop in stops]
    return median(lon for lon, _ in places), median(lat for _, lat in places)


# --- odd, but kept ----------------------------------------------------------------------------------------------


def warn_of_odd_places(ordered: Sequence[Draft], limits: ImportLimits, notes: Notes) -> None:
    """One route's stops in the order they are driven. A stop is named if no truck could reach it in time from either
    neighbour, or if it lies off its neighbours, or off the whole route, many times farther than is usual there."""
    if len(ordered) < limits.route_median_min_stops:
        return
    middle = _middle(ordered)
    usual_m = median(flat_m(stop.lon, stop.lat, *middle) for stop in ordered)
    for number, stop in enumerate(ordered):
        around = [*ordered[max(number - 1, 0) : number], *ordered[number + 1 : number + 2]]
        nearest_m = min(stop.metres_to(neighbour) for neighbour in around)
        off_m = flat_m(stop.lon, stop.lat, *middle)
        if len(around) > 1 and all(_is_out_of_reach(stop, neighbour, limits) for neighbour in around):
            detail = f"{nearest_m / 1000:.1f} km from both neighbours, too far for the time between"
            notes.warn(stop, "implausible_hop", detail, "seq", "time", "lon", "lat")
        elif nearest_m > limits.odd_place_km * 1000 and _is_odd(nearest_m, hop_m := _usual_hop_m(ordered, number), limits):
            _warn_far(stop, nearest_m, hop_m, "its neighbours on the route", notes)
        elif _is_odd(off_m, usual_m, limits):
            _warn_far(stop, off_m, usual_m, "the middle of its route", notes)


def _is_out_of_reach(stop: Draft, neighbour: Draft, limits: ImportLimits) -> bool:
    km = stop.metres_to(neighbour) / 1000
    hours = (abs(stop.second - neighbour.second) + 60) / 3600  # times are rounded to minutes
    return km > limits.implausible_hop_km and km / hours > limits.implausible_hop_kmh


def _usual_hop_m(ordered: Sequence[Draft], number: int) -> float:
    """From stop to stop, as if this one were not there: it must not be its own measure."""
    others = [*ordered[:number], *ordered[number + 1 :]]
    return median(one.metres_to(other) for one, other in pairwise(others))


def _is_odd(metres: float, usual_m: float, limits: ImportLimits) -> bool:
    return metres > max(limits.odd_place_km * 1000, limits.odd_place_times_usual * usual_m)


def _warn_far(stop: Draft, metres: float, usual_m: float, whose: str, notes: Notes) -> None:
    times = f"{metres / usual_m:.0f} times what is usual" if usual_m else "where all others are at one place"
    detail = f"{stop.name}: {metres / 1000:.1f} km from {whose}, {times} there"
    notes.warn(stop, "far_from_neighbours", detail, "seq", "stop_id", "name", "lon", "lat")
