"""A distance says how far by the track, how far by the odometer, and for how long nobody saw the way."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.vehicle.domain.motion import Fix
from services.vehicle.domain.trips import DISTANCE_DIFFERS, ODOMETER_WENT_BACK, legs, total
from services.vehicle.rulebooks import TRIP_RULES

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
RULES = TRIP_RULES.at(START)
METRE = 1 / 111_195


def track(points: Iterable[tuple[float, float, float | None]]) -> list[Fix]:
    """Seconds, metres to the north, kilometres on the odometer."""
    return [Fix(START + timedelta(seconds=s), 121.43, 31.18 + m * METRE, odometer_km=km) for s, m, km in points]


def driving(seconds: range, speed_mps: float, start_m: float = 0, km: float | None = None, factor: float = 1) -> list[Fix]:
    ways = [(s, start_m + speed_mps * (s - seconds.start)) for s in seconds]
    return track((s, m, None if km is None else km + factor * (m - start_m) / 1000) for s, m in ways)


def test_a_trip_says_metres_by_track_and_by_odometer() -> None:
    [trip] = legs(driving(range(0, 601, 10), 8, km=100, factor=1.03), RULES)
    assert (trip.kind, trip.distance_m, trip.odometer_m, trip.gap_seconds, trip.findings) == ("trip", 4800, 4944, 0, ())


def test_a_difference_beyond_tolerance_is_a_finding() -> None:
    [trip] = legs(driving(range(0, 601, 10), 8, km=100, factor=1.3), RULES)
    assert (trip.odometer_m, trip.findings) == (6240, (DISTANCE_DIFFERS,))


def test_an_odometer_that_went_back_is_a_finding_and_no_distance() -> None:
    fixes = driving(range(0, 301, 10), 8, km=100) + driving(range(310, 601, 10), 8, start_m=2480, km=3)
    [trip] = legs(fixes, RULES)
    assert (trip.odometer_m, trip.findings) == (None, (ODOMETER_WENT_BACK,))


def test_a_leg_over_a_data_gap_says_how_long_nobody_saw_the_way() -> None:
    fixes = driving(range(0, 301, 10), 8, km=100) + driving(range(900, 1201, 10), 8, start_m=5000, km=106.2)
    [trip] = legs(fixes, RULES)
    assert (trip.gap_seconds, trip.odometer_m, trip.distance_m) == (600, 8600, 7400)
    assert trip.findings == (DISTANCE_DIFFERS,)


def test_slow_stop_and_go_within_a_stop_is_counted() -> None:
    """From house to house, 25 m every two minutes, up and down within the radius of one stop."""
    places = [0, 25, 50, 70, 45, 20, 0]
    driven_km = [sum(abs(after - before) for before, after in pairwise(places[: n + 1])) / 1000 for n in range(len(places))]
    fixes = track((120 * n + s, m + s % 3, 50 + driven_km[n]) for n, m in enumerate(places) for s in range(0, 120, 10))
    [stop] = legs(fixes, RULES)
    assert stop.kind == "stop"
    assert 110 <= stop.distance_m <= 150
    assert stop.odometer_m == 140
    found = total(fixes, [stop], RULES)
    assert (found.moved_in_stops_m, found.odometer_m) == (stop.distance_m, 140)


def test_a_truck_that_stands_moves_nowhere_however_its_fixes_wander() -> None:
    wander = [0, 4, -5, 8, 3, -6, 7, 0, -4, 5] * 10
    [stop] = legs(track((10 * n, m, None) for n, m in enumerate(wander)), RULES)
    assert (stop.kind, stop.distance_m, stop.odometer_m) == ("stop", 0, None)


def test_the_whole_track_counts_what_lies_between_its_pieces() -> None:
    fixes = driving(range(0, 301, 10), 8, km=100) + driving(range(4000, 4301, 10), 8, start_m=9000, km=109)
    found = legs(fixes, RULES)
    assert [leg.distance_m for leg in found] == [2400, 2400]
    whole = total(fixes, found, RULES)
    assert (whole.distance_m, whole.odometer_m, whole.gap_seconds, whole.findings) == (4800, 11_400, 3700, (DISTANCE_DIFFERS,))
