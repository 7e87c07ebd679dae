"""A transfer station: where it is, what it can store, and which bay takes what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.transfer_station.domain.gate import Gate
from shared.domain_errors import Invalid
from shared.vocabulary import WasteStream

Ring = tuple[tuple[float, float], ...]
WIDEST_GATE_DEG = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    bay_id: str
    streams: tuple[WasteStream, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compactor:
    compactor_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """`gate`: a GeoJSON Polygon's coordinates in WGS-84; without one the gate is all within `gate_radius_m` of lon, lat."""

    station_id: str
    revision: int = 0
    name_zh: str
    name_en: str
    lon: float
    lat: float
    gate: tuple[Ring, ...] | None
    gate_radius_m: float
    district_id: str | None
    capacity_kg: Mapping[WasteStream, int]
    bays: tuple[Bay, ...]
    compactors: tuple[Compactor, ...]
    changed_at: datetime

    @property
    def gate_area(self) -> Gate:
        return Gate(self.station_id, self.lon, self.lat, self.gate_radius_m, self.gate)

    def takes(self, bay_id: str, stream: WasteStream) -> bool:
        return any(bay.bay_id == bay_id and stream in bay.streams for bay in self.bays)

    def require_bay(self, bay_id: str) -> None:
        if all(bay.bay_id != bay_id for bay in self.bays):
            raise Invalid(f"station {self.station_id} has no bay {bay_id}")

    def require_sound(self) -> None:
        """Refuses bays that cannot be told apart, and a gate that is no polygon or too wide."""
        if len({bay.bay_id for bay in self.bays}) < len(self.bays):
            raise Invalid("a bay_id stands in `bays` twice")
        if any(ring[0] != ring[-1] for ring in self.gate or ()):
            raise Invalid("each ring of `gate` must end where it begins (RFC 7946 3.1.6)")
        if self.gate:
            west, south, east, north = self.gate_area.bounds()
            if max(east - west, north - south) > WIDEST_GATE_DEG:
                raise Invalid(f"a gate is at most {WIDEST_GATE_DEG}° wide")

    def change_to(self, other: "Station") -> "Station":
        """As `other` describes it; the same station when that is what it is already."""
        if replace(other, revision=self.revision, changed_at=self.changed_at) == self:
            return self
        return replace(other, revision=self.revision + 1)
