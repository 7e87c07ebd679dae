"""Whether a single record can be believed, judged from itself alone, so that the order of arrival cannot matter.

A record with a flag is kept and shown, but moves no state, opens no motion alert and is not passed on as a position.
`out_of_reach` alone is no word of the record itself but of its neighbours (`domain.neighbours`), and may be taken back.
"""

from datetime import datetime

from services.vehicle.domain.limits import Limits

FLAGS = (
    "future_time",
    "no_fix",
    "few_satellites",
    "implausible_speed",
    "implausible_weight",
    "weights_disagree",
    "past_time",
    "out_of_reach",
)
"""Stored as bits in this order: add at the end only."""
BITS = {name: 1 << index for index, name in enumerate(FLAGS)}
(
    FUTURE_TIME,
    NO_FIX,
    FEW_SATELLITES,
    IMPLAUSIBLE_SPEED,
    IMPLAUSIBLE_WEIGHT,
    WEIGHTS_DISAGREE,
    PAST_TIME,
    OUT_OF_REACH,
) = BITS.values()
DAY_SECONDS = 86_400
WRONG_TIME = FUTURE_TIME | PAST_TIME
"""Of a record whose time cannot be believed: nobody knows when it happened."""


def names(bits: int) -> list[str]:
    return [name for name, bit in BITS.items() if bits & bit]


def time_flags(at: datetime, received_at: datetime, limits: Limits) -> int:
    """The same for every kind of record."""
    age_seconds = (received_at - at).total_seconds()
    if age_seconds > limits.past_tolerance_days * DAY_SECONDS:
        return PAST_TIME
    return FUTURE_TIME if -age_seconds > limits.future_tolerance_seconds else 0


def position_flags(
    at: datetime, received_at: datetime, lon: float, lat: float, speed_kmh: float | None, satellites: int | None, limits: Limits
) -> int:
    bits = time_flags(at, received_at, limits)
    if lon == 0 and lat == 0:
        bits |= NO_FIX
    if satellites is not None and satellites < limits.satellites_min:
        bits |= FEW_SATELLITES
    if speed_kmh is not None and speed_kmh > limits.speed_max_kmh:
        bits |= IMPLAUSIBLE_SPEED
    return bits


def lift_flags(
    at: datetime, received_at: datetime, gross_kg: int | None, tare_kg: int | None, net_kg: int, limits: Limits
) -> int:
    bits = time_flags(at, received_at, limits)
    if net_kg < 0 or net_kg > limits.bin_net_max_kg:
        bits |= IMPLAUSIBLE_WEIGHT
    if gross_kg is not None and tare_kg is not None and abs(gross_kg - tare_kg - net_kg) > limits.bin_sum_tolerance_kg:
        bits |= WEIGHTS_DISAGREE
    return bits


def load_flags(at: datetime, received_at: datetime, load_kg: int, capacity_kg: int | None, limits: Limits) -> int:
    bits = time_flags(at, received_at, limits)
    too_much = capacity_kg is not None and load_kg > capacity_kg * limits.load_over_capacity_ratio
    if too_much or load_kg < -limits.load_below_zero_kg:
        bits |= IMPLAUSIBLE_WEIGHT
    return bits
