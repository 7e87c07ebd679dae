"""The fleet as the city sees it: the newest of each vehicle, whichever event told it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from shared.vocabulary import VehicleKind, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    plate: str
    kind: VehicleKind
    waste_streams: tuple[WasteStream, ...]
    district_id: str | None
    contractor_id: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One that is not registered has `revision` 0. `records` and `lifts` count each stored record once.

    `lifts_purged_before`: older ones are in the flows, and no longer known by their ids. `lifts_resent_at`: when a resent lift
    last came; old lifts are not purged until a day after it, so that none of them counts twice.
    """

    vehicle_id: str
    revision: int = 0
    plate: str = ""
    kind: VehicleKind = VehicleKind.OTHER
    waste_streams: tuple[WasteStream, ...] = ()
    district_id: str | None = None
    contractor_id: str | None = None
    last_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = None
    load_kg: int | None = None
    records: int = 0
    lifts: int = 0
    lifts_purged_before: datetime | None = None
    lifts_resent_at: datetime | None = None
    changed_seq: int = 0

    def registered_as(self, registration: Registration, seq: int) -> "Vehicle":
        """Itself when the registration is not newer."""
        if registration.revision <= self.revision:
            return self
        return replace(
            self,
            revision=registration.revision,
            plate=registration.plate,
            kind=registration.kind,
            waste_streams=registration.waste_streams,
            district_id=registration.district_id,
            contractor_id=registration.contractor_id,
            changed_seq=seq,
        )

    def has_purged(self, at: datetime) -> bool:
        """Whether a lift of that time is in the flows already, and no longer known by its id."""
        return self.lifts_purged_before is not None and at < self.lifts_purged_before

    def lifted(self, lifts: int, seq: int, resent_at: datetime | None) -> "Vehicle":
        """With so many lifts in all. `resent_at`: when a resent one among them came."""
        return replace(self, lifts=lifts, changed_seq=seq, lifts_resent_at=resent_at or self.lifts_resent_at)


class Move(NamedTuple):
    """What telemetry says of a vehicle: its newest fix and load, and records and lifts, as totals or more of them.

    A tuple in the order in which it is merged into its table: telemetry is the hot path.
    """

    vehicle_id: str
    last_at: datetime | None
    lon: float | None
    lat: float | None
    speed_kmh: float | None
    heading_deg: float | None
    ignition: bool | None
    load_at: datetime | None
    load_kg: int | None
    records: int
    lifts: int
    changed_seq: int


class VehicleNow(NamedTuple):
    """What a map shows of a vehicle. `status`: driving, idle, parked or offline. A tuple: a snapshot reads thousands."""

    vehicle_id: str
    plate: str
    kind: str
    district_id: str | None
    last_at: datetime | None
    lon: float | None
    lat: float | None
    speed_kmh: float | None
    heading_deg: float | None
    load_kg: int | None
    status: str


class FleetCount(NamedTuple):
    """`district_id` is empty where there is none."""

    kind: str
    district_id: str
    status: str
    vehicles: int
    records: int
