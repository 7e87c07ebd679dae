"""Which single records cannot be believed, at both sides of every limit."""

from datetime import UTC, datetime, timedelta

import pytest
from vehicle_limits import LIMITS

from services.vehicle.domain.quality import (
    BITS,
    OUT_OF_REACH,
    WRONG_TIME,
    lift_flags,
    load_flags,
    names,
    position_flags,
    time_flags,
)

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_flags_are_stored_as_bits_that_never_change() -> None:
    assert BITS == {
        "future_time": 1,
        "no_fix": 2,
        "few_satellites": 4,
        "implausible_speed": 8,
        "implausible_weight": 16,
        "weights_disagree": 32,
        "past_time": 64,
        "out_of_reach": 128,
    }
    assert (WRONG_TIME, OUT_OF_REACH) == (65, 128)


def test_bits_are_named_in_their_order() -> None:
    assert names(0) == []
    assert names(64 | 2 | 128) == ["no_fix", "past_time", "out_of_reach"]


@pytest.mark.parametrize(
    ("at", "flags"),
    [
        (NOW, []),
        (NOW + 120 * SECOND, []),
        (NOW + 121 * SECOND, ["future_time"]),
        (NOW - 30 * DAY, []),
        (NOW - 30 * DAY - SECOND, ["past_time"]),
    ],
)
def test_a_time_is_believed_up_to_both_tolerances(at: datetime, flags: list[str]) -> None:
    assert names(time_flags(at, NOW, LIMITS)) == flags
    assert names(position_flags(at, NOW, 121.4, 31.2, None, None, LIMITS)) == flags
    assert names(lift_flags(at, NOW, None, None, 50, LIMITS)) == flags
    assert names(load_flags(at, NOW, 50, None, LIMITS)) == flags


@pytest.mark.parametrize(
    ("lon", "lat", "speed", "satellites", "flags"),
    [
        (0, 0, None, None, ["no_fix"]),
        (0, 31.2, None, None, []),
        (121.4, 0, None, None, []),
        (1, 1, None, None, []),
        (121.4, 31.2, 150, 4, []),
        (121.4, 31.2, 150.1, 3, ["few_satellites", "implausible_speed"]),
        (121.4, 31.2, None, 0, ["few_satellites"]),
        (0, 0, 200, 0, ["no_fix", "few_satellites", "implausible_speed"]),
    ],
)
def test_a_position_is_judged_by_place_speed_and_satellites(
    lon: float, lat: float, speed: float | None, satellites: int | None, flags: list[str]
) -> None:
    assert names(position_flags(NOW, NOW, lon, lat, speed, satellites, LIMITS)) == flags
    early = position_flags(NOW + DAY, NOW, lon, lat, speed, satellites, LIMITS)
    assert names(early) == ["future_time", *flags], "one flag does not hide another"


@pytest.mark.parametrize(
    ("gross", "tare", "net", "flags"),
    [
        (None, None, 0, []),
        (None, None, -1, ["implausible_weight"]),
        (None, None, 600, []),
        (None, None, 601, ["implausible_weight"]),
        (100, 20, 78, []),
        (100, 20, 82, []),
        (100, 20, 77, ["weights_disagree"]),
        (100, 20, 83, ["weights_disagree"]),
        (100, None, 5, []),
        (None, 20, 5, []),
        (900, 20, 700, ["implausible_weight", "weights_disagree"]),
    ],
)
def test_a_lift_is_judged_by_its_net_weight_and_its_sum(gross: int | None, tare: int | None, net: int, flags: list[str]) -> None:
    assert names(lift_flags(NOW, NOW, gross, tare, net, LIMITS)) == flags
    assert names(lift_flags(NOW + DAY, NOW, gross, tare, net, LIMITS)) == ["future_time", *flags]


@pytest.mark.parametrize(
    ("load", "capacity", "flags"),
    [
        (12_000, 10_000, []),
        (12_001, 10_000, ["implausible_weight"]),
        (99_999, None, []),
        (-100, None, []),
        (-101, None, ["implausible_weight"]),
        (-101, 10_000, ["implausible_weight"]),
    ],
)
def test_a_load_is_judged_by_what_the_truck_can_carry(load: int, capacity: int | None, flags: list[str]) -> None:
    assert names(load_flags(NOW, NOW, load, capacity, LIMITS)) == flags
    assert names(load_flags(NOW + DAY, NOW, load, capacity, LIMITS)) == ["future_time", *flags]
