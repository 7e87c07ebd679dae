"""Rules of a plant's bunker, and of who takes how much: whole kilograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class EntryKind(StrEnum):
    """What a plant records by itself; kg, of power kWh. A `bunker_correction` may be negative (stock-taking, drained water)."""

    FED = "fed"
    SLAG = "slag"
    FLY_ASH = "fly_ash"
    LEACHATE = "leachate"
    POWER = "power"
    BUNKER_CORRECTION = "bunker_correction"


def hours_on_the_way(left_station_at: datetime | None, arrived_at: datetime) -> float | None:
    return None if left_station_at is None else round((arrived_at - left_station_at) / timedelta(hours=1), 2)


def bunker_kg(before_kg: int, intake_kg: int, entries: Mapping[EntryKind, int]) -> int:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    plant_id: str
    kg_a_day: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchPlan:
    """The newest plan of a day: each load with the plant that takes it."""

    day: date
    revision: int
    loads: tuple[Placed, ...]
    made_by: str
    made_at: datetime
