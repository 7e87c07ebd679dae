"""Trucks as the registry of vehicles has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.vocabulary import WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckEntry:
    """What the registry said of a truck from `registered_at` on."""

    vehicle_id: str
    revision: int
    registered_at: datetime
    plate: str
    plate_key: str
    tare_kg: int
    contractor_id: str | None
    district_id: str | None
    waste_streams: tuple[WasteStream, ...]


def in_force(entries: Sequence[TruckEntry], at: datetime) -> TruckEntry:
    """What the registry said then, of entries in their order; before anything was said, what it said first."""
    earlier = [entry for entry in entries if entry.registered_at <= at]
    return earlier[-1] if earlier else entries[0]
