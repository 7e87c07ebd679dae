"""Containers are filled, sealed and hauled to a plant. Whole kilograms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import HaulStatus, WasteStream
from shared.weighbridge import require_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A container filled and sealed; a seal number on one container stands for one filling."""

    station_id: str
    container_id: str
    seal_number: str
    stream: WasteStream
    sealed_at: datetime
    person: str | None

    def require_same(self, other: "Seal") -> None:
        if (self.stream, self.sealed_at) != (other.stream, other.sealed_at):
            raise Conflict("this container had this seal before, with another stream or time", code="seal_exists")

    def require_left_after(self, left_at: datetime) -> None:
        if left_at < self.sealed_at:
            raise Invalid("it cannot have left before it was sealed; look at `left_at`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """`origins`: kg by district, first in, first out; sums to net_kg."""

    haul_id: str
    revision: int = 0
    station_id: str
    container_id: str
    seal_number: str
    stream: WasteStream
    net_kg: int
    origins: Mapping[str, int]
    destination_plant_id: str
    vehicle_id: str | None
    plate: str
    status: HaulStatus = HaulStatus.LEFT
    sealed_at: datetime
    left_at: datetime
    arrived_at: datetime | None = None
    person: str | None = None
    reason: str | None = None
    changed_at: datetime

    def require_same(self, other: "Haul") -> None:
        """The same sealed container cannot leave twice."""
        if any(
            getattr(self, name) != getattr(other, name) for name in ("destination_plant_id", "vehicle_id", "net_kg", "left_at")
        ):
            raise Conflict("this sealed container has left before; cancel that haul if it is wrong", code="haul_exists")

    def arrive(self, at: datetime) -> "Haul":
        """The same haul when it was told to have arrived then."""
        if self.status is HaulStatus.CANCELLED:
            raise Conflict("the haul was cancelled", code="haul_cancelled")
        if at < self.left_at:
            raise Invalid("it cannot have arrived before it left; look at `at`")
        if self.arrived_at == at:
            return self
        if self.status is HaulStatus.ARRIVED and self.arrived_at is not None:
            raise Conflict(f"it arrived at {self.arrived_at.isoformat()}", code="arrived_before")
        return replace(self, status=HaulStatus.ARRIVED, arrived_at=at)

    def cancel(self, reason: str, person: str) -> "Haul":
        """It never left; the same haul when it was cancelled before."""
        if self.status is HaulStatus.CANCELLED:
            return self
        return replace(self, status=HaulStatus.CANCELLED, reason=reason, person=person)

    def come_from(self, origins: Mapping[str, int]) -> "Haul":
        """With other origins; the same haul when these are its own."""
        return self if self.origins == origins else replace(self, origins=origins)

    def change(self, at: datetime) -> "Haul":
        return replace(self, revision=self.revision + 1, changed_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaulFilters:
    station_id: str | None = None
    status: HaulStatus | None = None
    stream: WasteStream | None = None
    destination_plant_id: str | None = None


def haul_net_kg(net_kg: int | None, gross_kg: int | None, tare_kg: int | None, gross_max_kg: int) -> int:
    """As it was sent, or gross less tare."""
    if net_kg is not None:
        if gross_kg is not None and tare_kg is not None and gross_kg - tare_kg != net_kg:
            raise Invalid("net_kg is not gross_kg − tare_kg; send what the scale showed")
        return net_kg
    if gross_kg is None or tare_kg is None:
        raise Invalid("send `net_kg`, or `gross_kg` and `tare_kg`")
    require_weights(gross_kg, tare_kg, gross_max_kg)
    return gross_kg - tare_kg
