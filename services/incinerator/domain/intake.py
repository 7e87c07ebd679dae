"""Rules of a plant's weighbridge, its bunker, and of who takes how much: whole kilograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class EntryKind(StrEnum):
    """What a plant records by itself; kg, of power kWh. A `bunker_correction` may be negative (stock-taking, drained water)."""

    FED = "fed"
    SLAG = "slag"
    FLY_ASH = "fly_ash"
    LEACHATE = "leachate"
    POWER = "power"
    BUNKER_CORRECTION = "bunker_correction"


def net_kg(gross_kg: int, tare_kg: int) -> int | None:
    """None where the empty truck weighs as much as the full one or more."""
    return gross_kg - tare_kg if gross_kg > tare_kg else None


def hours_on_the_way(left_station_at: datetime | None, arrived_at: datetime) -> float | None:
    return None if left_station_at is None else round((arrived_at - left_station_at) / timedelta(hours=1), 2)


def bunker_kg(before_kg: int, intake_kg: int, entries: Mapping[str, int]) -> int:
    """At the end of a day: what was there, what came in, less what was fed, with corrections."""
    return before_kg + intake_kg - entries.get(EntryKind.FED, 0) + entries.get(EntryKind.BUNKER_CORRECTION, 0)


@dataclass(frozen=True, slots=True)
class Load:
    """A load on its way; `plant_ids` in the order of preference."""

    load_id: str
    kg: int
    plant_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """`plant_id` None: no plant has room for it. `diverted`: not to the plant it would have gone to."""

    load_id: str
    kg: int
    plant_id: str | None
    diverted: bool


def dispatch(loads: Sequence[Load], room_kg: Mapping[str, int]) -> list[Placed]:
    """Each load goes to the first of its plants that still has room for all of it; a plant without a quota takes any."""
    left, placed = dict(room_kg), []
    for load in loads:
        plant_id = next((one for one in load.plant_ids if left.get(one, load.kg) >= load.kg), None)
        if plant_id in left:
            left[plant_id] -= load.kg
        placed.append(Placed(load.load_id, load.kg, plant_id, plant_id is not None and plant_id != load.plant_ids[0]))
    return placed
