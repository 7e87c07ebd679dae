"""The newest that is known of a vehicle, and what the rules of its alerts remember."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from services.vehicle.domain.motion import Motion
from services.vehicle.domain.scales import Scales


class Load(NamedTuple):
    """What the onboard scale showed. Of two readings of one moment the heavier one is the newer, whichever came first."""

    at: datetime
    kg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What one group of records says of a vehicle, new records only.

    `newest_at`: of its positions, but for those from the future, whose newest is `future_at`. `load`: the newest plausible one.
    `motion`, `scales`: what the rules remember now; None where no record was for them. `records`: positions and loads.
    """

    newest_at: datetime | None = None
    future_at: datetime | None = None
    load: Load | None = None
    motion: Motion | None = None
    scales: Scales | None = None
    records: int = 0
    lifts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LastHeard:
    """The newest plausible position and load; `received_at`: when we heard of the newer."""

    last_at: datetime | None
    lon: float | None
    lat: float | None
    speed_kmh: float | None
    heading_deg: float | None
    ignition: bool | None
    load_at: datetime | None
    load_kg: int | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleState:
    """`newest_at`: no stored position is newer, except for those up to `future_at`.

    `silence_judged_at`: the `last_at` whose silence has been looked at. `has_orders`: whether a dispatch order waits to go out.
    `records`: positions and loads stored; `lifts`: bin lifts stored.
    """

    vehicle_id: str
    newest_at: datetime | None = None
    future_at: datetime | None = None
    last_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = None
    load_kg: int | None = None
    received_at: datetime | None = None
    silence_judged_at: datetime | None = None
    has_orders: bool = False
    motion: Motion | None = None
    scales: Scales | None = None
    records: int = 0
    lifts: int = 0

    def is_older_than(self, at: datetime) -> bool:
        """Whether every stored position is older than `at`."""
        return (self.newest_at is None or at > self.newest_at) and (self.future_at is None or at > self.future_at)

    @property
    def load(self) -> Load | None:
        return None if self.load_at is None or self.load_kg is None else Load(self.load_at, self.load_kg)

    def after(self, telemetry: Telemetry, received_at: datetime) -> "VehicleState":
        """With the records that were received then."""
        changes: dict[str, Any] = {
            "newest_at": _later(self.newest_at, telemetry.newest_at),
            "future_at": _later(self.future_at, telemetry.future_at),
            "records": self.records + telemetry.records,
            "lifts": self.lifts + telemetry.lifts,
        }
        if telemetry.load is not None and (self.load is None or telemetry.load > self.load):
            changes |= {"load_at": telemetry.load.at, "load_kg": telemetry.load.kg, "received_at": received_at}
        if telemetry.motion is not None and (last := telemetry.motion.last) is not None:
            changes |= {"last_at": last.at, "lon": last.lon, "lat": last.lat, "speed_kmh": last.speed_kmh}
            changes |= {"heading_deg": last.heading_deg, "ignition": last.ignition, "received_at": received_at}
        motion, scales = telemetry.motion or self.motion, telemetry.scales or self.scales
        return replace(self, motion=motion, scales=scales, **changes)

    def silence_judged(self) -> "VehicleState":
        return replace(self, silence_judged_at=self.last_at)

    def with_orders(self, *, waiting: bool) -> "VehicleState":
        return replace(self, has_orders=waiting)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
