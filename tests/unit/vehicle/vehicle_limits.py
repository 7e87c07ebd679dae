"""Limits to test both sides of, apart from those in force."""

from datetime import date

from services.vehicle.domain.limits import Limits

LIMITS = Limits(
    valid_from=date(2020, 1, 1),
    source="a test",
    overspeed_kmh=60,
    overspeed_seconds=10,
    offline_minutes=10,
    offline_moved_m=200,
    idle_minutes=5,
    idle_radius_m=50,
    idle_speed_kmh=3,
    bin_net_max_kg=600,
    bin_sum_tolerance_kg=2,
    load_over_capacity_ratio=1.2,
    load_below_zero_kg=100,
    future_tolerance_seconds=120,
    past_tolerance_days=30,
    speed_max_kmh=150,
    jump_slack_m=1_000,
    satellites_min=4,
)
