"""Whether a stop's place fits the other stops of its route, and the route fits the file."""

from collections.abc import Iterable
from statistics import median

from services.route.rules.drafts import Draft, Notes
from services.route.rules.limits import ImportLimits
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
