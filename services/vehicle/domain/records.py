"""Records of telemetry as they are stored. `flags`: bits of `quality.FLAGS`."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple


class Position(NamedTuple):
    """WGS-84 degrees, km/h, degrees clockwise from north, metres, km.

    A tuple in the order in which it is copied into its table: one is made of every position that comes, and that is the
    measured hot path. `ordinal` tells different records of one moment apart, in the order in which they came: nearly always 0.
    """

    vehicle_id: str
    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None
    heading_deg: float | None
    altitude_m: float | None
    ignition: bool | None
    odometer_km: float | None
    satellites: int | None
    received_at: datetime
    flags: int
    ordinal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLift:
    """One bin emptied into the truck. Weights in kg."""

    lift_id: str
    vehicle_id: str
    at: datetime
    tag: str | None
    service_point_id: str | None
    lon: float | None
    lat: float | None
    gross_kg: int | None
    tare_kg: int | None
    net_kg: int
    side: str | None
    manual: bool
    error_codes: tuple[str, ...]
    received_at: datetime
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReading:
    """What an onboard scale showed. All that it says is its key: two different readings of one moment are both kept."""

    vehicle_id: str
    at: datetime
    load_kg: int
    state: str
    received_at: datetime
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverReport:
    """What a driver said of a stop or the vehicle; `lon`/`lat`: where it was said."""

    report_id: str
    vehicle_id: str
    at: datetime
    code: str
    stop_id: str | None
    service_point_id: str | None
    note: str | None
    lon: float | None
    lat: float | None
    received_at: datetime
    flags: int


content_of_lift = attrgetter(
    "tag", "service_point_id", "lon", "lat", "gross_kg", "tare_kg", "net_kg", "side", "manual", "error_codes"
)
content_of_report = attrgetter("code", "stop_id", "service_point_id", "note", "lon", "lat")
"""What a record says besides when: equal for a record that is sent again, of whichever type."""
