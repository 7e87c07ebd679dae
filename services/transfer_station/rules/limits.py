"""What the rules compare with; filled from the versioned files under `data/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dated version; a missing or unknown field raises ValueError."""

    valid_from: date
    source: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        if wrong := {field.name for field in fields(cls)} ^ set(data):
            raise ValueError(f"{cls.__name__}: missing or unknown {', '.join(sorted(wrong))}")
        return cls(**{**data, "valid_from": date.fromisoformat(data["valid_from"])})


V = TypeVar("V", bound=Version)


def in_force(versions: Iterable[V], day: date) -> V:
    """The youngest version valid on the day; the oldest one for days before any was valid."""
    by_age = sorted(versions, key=lambda version: version.valid_from)
    begun = [version for version in by_age if version.valid_from <= day]
    return begun[-1] if begun else by_age[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRules(Version):
    tare_valid_days: int
    """A registered tare is used for so long after it was weighed."""
    gross_max_kg: int
    storage_high_ratio: float
    storage_clear_ratio: float
    """An alarm of a full store closes below this, not at the moment it opened at."""
    queue_long_vehicles: int
    visit_gap_minutes: float
    visit_match_minutes: float
    """A weigh-in so long before or after a truck's minutes at the gate may still be that truck's."""
    pace_hours: float
    open_ticket_hours: float
    """A ticket open for longer is no truck in the station any more."""
    plate_max_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKinds(Version):
    """By kind: zh, en, unit, min, max; a kind without a unit has no value."""

    kinds: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules(Version):
    """`grams_per_unit`: exact decimals as text."""

    grams_per_unit: dict[str, str]
    outlier_kg: int
    far_days: int
    """A time so far from the day it was reported is named."""
