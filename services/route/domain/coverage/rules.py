"""What a street of some level asks for, and what a truck must do to have covered it (`data/sweeping_rules.json`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.geo import Point
from shared.versions import Version


@dataclass(frozen=True, slots=True)
class Asked:
    """So many passes within so many days."""

    passes: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLimits:
    """fastest: of a truck at work; corridor: how far from the line it may be; heading_tolerance: against the line, either
    way along it; heading_from: below this speed a heading says nothing; gap: between two fixes that still belong together;
    least_share: of the line, for the pass to be done; short: a line below this is judged with those that touch it; touch: so
    near an end of it."""

    fastest_kmh: int | float
    corridor_m: int | float
    heading_tolerance_deg: int | float
    heading_from_kmh: int | float
    gap_seconds: int | float
    least_share: int | float
    short_m: int | float
    touch_m: int | float


@dataclass(frozen=True, slots=True)
class Section:
    """A street to be covered for a task, from one end of its line to the other; WGS-84 (lon, lat)."""

    task: str
    line: tuple[Point, ...]
    limits: CoverageLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepingRules(Version):
    """passes: by task and road level; kinds: of trucks that are fit for a task, any for those not named; most_window: of a
    pass, beyond which nobody could say what a drive was meant for; section_*: what an import accepts."""

    passes: Mapping[str, Mapping[int, Asked]]
    coverage: Mapping[str, CoverageLimits]
    kinds: Mapping[str, list[str]]
    most_window_hours: float
    section_shortest_m: float
    section_longest_m: float
    section_far_km: float
    section_most_points: int

    def is_fit(self, kind: str, task: str) -> bool:
        return task not in self.kinds or kind in self.kinds[task]
