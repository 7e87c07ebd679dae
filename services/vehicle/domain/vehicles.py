"""The registry of vehicles: what it says of one, and every entry that it ever had."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

from shared.vocabulary import VehicleKind, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFilters:
    kind: VehicleKind | None = None
    district_id: str | None = None
    contractor_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """`waste_streams`: what the vehicle may carry. Weights in kg."""

    vehicle_id: str
    plate: str
    kind: VehicleKind
    waste_streams: tuple[WasteStream, ...]
    tare_kg: int
    capacity_kg: int
    contractor_id: str | None
    district_id: str | None
    onboard_unit_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """Whose a vehicle was and what it might carry, from `registered_at` on."""

    vehicle_id: str
    revision: int
    waste_streams: tuple[WasteStream, ...]
    contractor_id: str | None
    district_id: str | None
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle(Registration):
    """A registration as the registry holds it; its first revision is 1."""

    revision: int
    registered_at: datetime

    @classmethod
    def of(cls, registration: Registration, registered_at: datetime, revision: int = 1) -> Self:
        registered = {field.name: getattr(registration, field.name) for field in fields(Registration)}
        return cls(**registered, revision=revision, registered_at=registered_at)

    def registered_as(self, registration: Registration, at: datetime) -> Self:
        """The next revision; itself when that is what the registry says already."""
        if self.of(registration, self.registered_at, self.revision) == self:
            return self
        return self.of(registration, at, self.revision + 1)

    @property
    def entry(self) -> RegistryEntry:
        return RegistryEntry(
            vehicle_id=self.vehicle_id,
            revision=self.revision,
            waste_streams=self.waste_streams,
            contractor_id=self.contractor_id,
            district_id=self.district_id,
            registered_at=self.registered_at,
        )


def entry_at(entries: Iterable[RegistryEntry], at: datetime) -> RegistryEntry | None:
    """The entry in force at a moment; before all of them the first, None if there is none."""
    by_age = sorted(entries, key=lambda entry: entry.revision)
    begun = [entry for entry in by_age if entry.registered_at <= at]
    return next(iter([*begun[-1:], *by_age[:1]]), None)
