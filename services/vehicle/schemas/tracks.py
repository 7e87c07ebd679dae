"""Bodies of tracks, trips and stops."""

from datetime import datetime
from typing import Literal

from shared.bodies import Answer


class PositionAnswer(Answer):
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
    flags: list[str]


DistanceFinding = Literal["distance_differs", "odometer_went_back"]
"""Track and odometer differ by more than tolerated; the odometer's readings cannot be used."""


class LegAnswer(Answer):
    """A `trip` from one place to another, or a `stop` at one. `distance_m`: by the track; of a stop what moved within it.

    `odometer_m`: by the odometer, null where it told nothing usable. `gap_seconds`: of which nobody saw the way.
    """

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
    findings: list[DistanceFinding]


class LegsAnswer(Answer):
    """The legs, and how far in all. `odometer_m` counts what lies between the legs, too."""

    items: list[LegAnswer]
    distance_m: int
    moved_in_stops_m: int
    odometer_m: int | None
    gap_seconds: int
    findings: list[DistanceFinding]
