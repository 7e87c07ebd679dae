"""Pure rules of the citywide view."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.gateway.domain.tickets import UNSORTED
from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class CityRules(Version):
    """`driving_kmh`: from this speed on a truck drives; `stale_seconds`: a part not confirmed for so long is stale.

    `clock_tolerance_seconds`: machines' clocks differ by so much without anybody being told.
    """

    offline_minutes: float
    driving_kmh: float
    stale_seconds: float
    clock_tolerance_seconds: float


def latest_believed(now: datetime, rules: CityRules) -> datetime:
    """No part can be dated later: a clock was ahead."""
    return now + timedelta(seconds=rules.clock_tolerance_seconds)


def is_stale(as_of: datetime | None, now: datetime, rules: CityRules) -> bool:
    return as_of is None or now - as_of > timedelta(seconds=rules.stale_seconds)


def stream_of_lift(carried: Iterable[str], collecting: Iterable[str]) -> str:
    """The waste stream that a lift counts for: the only one its truck may carry, else the only one it collects that day."""
    for streams in (set(carried), set(collecting)):
        if len(streams) == 1:
            return str(next(iter(streams)))
    return UNSORTED


def in_box(lon: float | None, lat: float | None, box: tuple[float, float, float, float] | None) -> bool:
    if box is None:
        return True
    west, south, east, north = box
    return lon is not None and lat is not None and west <= lon <= east and south <= lat <= north
