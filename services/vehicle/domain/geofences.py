"""Geofences as they are drawn: rings in WGS-84, and whether a truck is to stay out or within."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain_errors import Invalid

FenceRule = Literal["inside", "outside"]
Corner = tuple[float, ...]
Polygon = tuple[tuple[Corner, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geofence:
    """`rule` inside: alert while a truck is inside; outside: while it is not. A fence without a district is the whole city's."""

    fence_id: str
    name_zh: str
    name_en: str
    rule: FenceRule
    polygon: Polygon
    district_id: str | None
    valid_from: datetime
    valid_to: datetime | None

    def require_sound(self) -> None:
        """Invalid for a ring that is not closed, a corner that is none on earth, or an end before the beginning."""
        for ring in self.polygon:
            if ring[0] != ring[-1]:
                raise Invalid("each ring of `polygon` must end where it begins (RFC 7946 3.1.6)")
            if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring):  # noqa: PLR2004 - degrees
                raise Invalid("corners of `polygon` are [lon, lat] in degrees")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise Invalid("valid_to must lie after valid_from")


def polygon_of(rings: Iterable[Iterable[Iterable[float]]]) -> Polygon:
    return tuple(tuple(tuple(corner) for corner in ring) for ring in rings)


def box_of(ring: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    lons, lats = [corner[0] for corner in ring], [corner[1] for corner in ring]
    return min(lons), min(lats), max(lons), max(lats)
