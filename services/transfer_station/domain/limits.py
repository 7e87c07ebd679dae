"""What the rules compare with; filled from the versioned files under `data/`."""

from dataclasses import dataclass
from typing import Any

from shared.versions import Version


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
class LogKind:
    """A kind without a unit has no value."""

    zh: str
    en: str
    unit: str | None
    min: float | None
    max: float | None

    def allows(self, value: float | None) -> bool:
        if self.min is None or self.max is None:
            return value is None
        return value is not None and self.min <= value <= self.max


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKinds(Version):
    kinds: dict[str, dict[str, Any]]
    """The fields of a LogKind by its name, as the file has them."""

    def named(self, name: str) -> LogKind | None:
        return LogKind(**self.kinds[name]) if name in self.kinds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules(Version):
    """`grams_per_unit`: exact decimals as text."""

    grams_per_unit: dict[str, str]
    outlier_kg: int
    far_days: int
    """A time so far from the day it was reported is named."""
