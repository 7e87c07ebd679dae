"""The trucks as the registry of vehicles told of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """Without `waste_streams` it may carry whatever its kind may."""

    vehicle_id: str
    revision: int
    plate: str
    kind: str
    waste_streams: tuple[str, ...]
    contractor_id: str | None
    district_id: str | None

    def carries(self, stream: str) -> bool:
        return not self.waste_streams or stream in self.waste_streams


class TruckEntry(NamedTuple):
    """What the registry said of a truck from `since` on; without `waste_streams` it may carry whatever its kind may."""

    since: datetime
    revision: int
    kind: str
    waste_streams: tuple[str, ...]


def entry_at(entries: Iterable[TruckEntry], at: datetime) -> TruckEntry | None:
    """What held at that time; for times before the first entry the first one. None: nobody has registered the truck."""
    by_age = sorted(entries)
    begun = [entry for entry in by_age if entry.since <= at]
    return begun[-1] if begun else next(iter(by_age), None)
