"""What the rules compare with; filled from the versioned files under `data/`."""

from dataclasses import dataclass

from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits(Version):
    overspeed_kmh: float
    overspeed_seconds: float
    offline_minutes: float
    offline_moved_m: float
    """Further on after a silence, the truck drove in it, whatever it said of its engine before."""
    idle_minutes: float
    idle_radius_m: float
    idle_speed_kmh: float
    bin_net_max_kg: int
    bin_sum_tolerance_kg: int
    load_over_capacity_ratio: float
    load_below_zero_kg: int
    speed_max_kmh: float
    jump_slack_m: float
    """What satellites may err between two fixes, beyond what `speed_max_kmh` explains."""
    satellites_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(AlertLimits):
    """With the limits of times, which hold for every service (`shared.times`)."""

    future_tolerance_seconds: float
    past_tolerance_days: float
    """A record older than this on arrival has a clock that cannot be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripRules(Version):
    stop_minutes: float
    stop_radius_m: float
    gap_minutes: float
    trip_min_m: float
    jitter_m: float
    """A truck that stands seems to wander this far: only a longer way within a stop counts as moved."""
    gap_seconds: float
    """Between two fixes that are further apart in time nobody saw the way."""
    distance_tolerance_ratio: float
    distance_tolerance_m: float
    """Track and odometer may differ by the larger of the two before the difference is a finding."""
