"""A plant's days: what came in, was fed, is in the bunker, went out. Whole kilograms; power in kWh."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.incinerator.domain.intake import EntryKind, bunker_kg


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantEntry:
    """What a plant's own hands record of a day."""

    plant_id: str
    entry_id: str
    day: date
    kind: EntryKind
    amount: int
    note: str
    recorded_by: str
    recorded_at: datetime

    def says_the_same(self, other: "PlantEntry") -> bool:
        """Whoever recorded it, and whenever."""
        return replace(other, recorded_by=self.recorded_by, recorded_at=self.recorded_at) == self


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDay:
    """`bunker_kg`: at its end; `correction_kg`: what stock-taking added or took."""

    plant_id: str
    day: date
    revision: int = 1
    intake_kg: int
    fed_kg: int
    correction_kg: int
    bunker_kg: int
    slag_kg: int
    fly_ash_kg: int
    leachate_kg: int
    power_kwh: int
    changed_at: datetime

    def change_to(self, other: "LedgerDay") -> "LedgerDay":
        """As `other` has it; the same day when that is what it says already."""
        if replace(other, revision=self.revision, changed_at=self.changed_at) == self:
            return self
        return replace(other, revision=self.revision + 1)


def ledger_day(
    plant_id: str, day: date, before_kg: int, intake_kg: int, entries: Mapping[EntryKind, int], at: datetime
) -> LedgerDay:
    """`before_kg`: in the bunker the evening before; `entries`: the day's sums by kind."""
    return LedgerDay(
        plant_id=plant_id,
        day=day,
        intake_kg=intake_kg,
        fed_kg=entries.get(EntryKind.FED, 0),
        correction_kg=entries.get(EntryKind.BUNKER_CORRECTION, 0),
        bunker_kg=bunker_kg(before_kg, intake_kg, entries),
        slag_kg=entries.get(EntryKind.SLAG, 0),
        fly_ash_kg=entries.get(EntryKind.FLY_ASH, 0),
        leachate_kg=entries.get(EntryKind.LEACHATE, 0),
        power_kwh=entries.get(EntryKind.POWER, 0),
        changed_at=at,
    )
