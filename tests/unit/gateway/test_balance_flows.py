"""What counts as a difference, at both sides of the tolerance, and what each fact posts to the flows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.domain.weighing import (
    Difference,
    DriftRules,
    Flow,
    Part,
    Scale,
    Tolerance,
    Trip,
    explained,
    judge,
    judge_trip,
    of_arrival,
    of_haul,
    of_station_day,
    of_trip,
    scale_of,
)

TEN = datetime(2026, 11, 16, 2, tzinfo=UTC)
TOLERANCE = Tolerance(share=0.03, least_kg=50)
AT_SITE = {"site_id": "S", "district_id": "D", "contractor_id": "C"}
DRIFT = DriftRules(trips=6, least_trips=3, least_trip_kg=1_000, limit=0.03, most_spread=0.02)


def trip(net_kg: int, lifted_kg: int, hours: int = 0, vehicle: str | None = "T-1", *, first: bool = False) -> Trip:
    end = TEN + timedelta(hours=hours)
    parts = [Part("residual", "D", "C", lifted_kg, 9)]
    return Trip(f"K-{hours}", vehicle, None if first else end - timedelta(hours=1), end, "residual", net_kg, parts)


@pytest.mark.parametrize(
    ("expected", "found", "name", "allowed"),
    [
        (1_000, 1_050, "within_tolerance", 50),
        (1_000, 1_051, "unexplained", 50),
        (1_000, 950, "within_tolerance", 50),
        (1_000, 949, "unexplained", 50),
        (10_000, 9_700, "within_tolerance", 300),
        (10_000, 9_699, "unexplained", 300),
    ],
)
def test_two_weighings_agree_up_to_the_tolerance(expected: int, found: int, name: str, allowed: int) -> None:
    difference = judge(expected, found, TOLERANCE)
    assert difference == Difference(name, expected, found, allowed)
    assert difference.kg == found - expected


def test_only_what_is_unexplained_takes_the_name_of_a_cause() -> None:
    assert explained("unexplained", "spill") == "explained_spill"
    assert explained("unexplained", None) == "unexplained"
    assert explained("within_tolerance", "spill") == "within_tolerance"


def test_a_trip_agrees_up_to_the_tolerance_itself() -> None:
    assert judge_trip(trip(1_000, 1_050), None, TOLERANCE, weighs=True).name == "within_tolerance"
    assert judge_trip(trip(1_000, 1_051), None, TOLERANCE, weighs=True).name == "unexplained"


def test_a_drifting_scale_is_allowed_for_up_to_the_tolerance() -> None:
    drifting, steady = Scale(1.25, 0, 5, True, TEN, TEN), Scale(1.25, 0, 5, False, TEN, TEN)
    assert judge_trip(trip(1_000, 1_250), drifting, TOLERANCE, weighs=True) == Difference("scale_drift", 1_000, 1_000, 50)
    assert judge_trip(trip(950, 1_250), drifting, TOLERANCE, weighs=True).name == "scale_drift"
    assert judge_trip(trip(949, 1_250), drifting, TOLERANCE, weighs=True) == Difference("unexplained", 1_000, 949, 50)
    assert judge_trip(trip(1_000, 1_250), steady, TOLERANCE, weighs=True) == Difference("unexplained", 1_250, 1_000, 50)


def test_a_scale_is_read_from_the_newest_trips_that_are_heavy_enough_and_weighed_at_both_ends() -> None:
    old = [trip(1_000, 2_000, hours) for hours in range(3)]
    new = [trip(1_000, 1_100, hours) for hours in range(3, 9)]
    useless = [trip(999, 5_000, 10), trip(1_000, 5_000, 11, None), trip(1_000, 5_000, 12, first=True), trip(1_000, 0, 13)]
    read = scale_of([*new, *old, *useless], DRIFT)
    assert read == Scale(1.1, 0, 6, True, TEN + timedelta(hours=3), TEN + timedelta(hours=8))


def test_a_scale_that_reads_right_does_not_drift() -> None:
    for lifted in (980, 1_000, 1_020):
        read = scale_of([trip(1_000, lifted, hours) for hours in range(4)], DRIFT)
        assert read is not None
        assert (read.factor, read.drifts) == (lifted / 1_000, False)
    read = scale_of([trip(1_000, 960, hours) for hours in range(4)], DRIFT)
    assert read is not None
    assert read.drifts


def test_a_spread_is_that_of_a_normal_distribution_and_far_trips_do_not_count() -> None:
    read = scale_of([trip(1_000, kg, n) for n, kg in enumerate([1_090, 1_100, 1_110, 1_100, 1_110, 1_900])], DRIFT)
    assert read is not None
    assert (read.spread, read.factor, read.drifts) == (pytest.approx(0.0074, abs=0.0001), pytest.approx(1.102), True)


def test_a_trip_posts_what_was_unloaded_tipped_and_left_between() -> None:
    assert of_trip(replace(trip(1_000, 1_030), **AT_SITE), "within_tolerance") == [
        Flow("unloaded", "residual", "D", "C", "S", 1_030, 9),
        Flow("tipped", "residual", "D", "C", "S", 1_000, 1),
        Flow("residue:within_tolerance", "residual", "D", "C", "S", 30, 0),
    ]
    assert len(of_trip(replace(trip(1_000, 1_000), **AT_SITE), "within_tolerance")) == 2


def test_a_haul_posts_its_districts_and_a_rest_of_none() -> None:
    assert of_haul("S", "residual", 1_000, {"B": 300, "A": 200, "unknown": 100, "C": 0}) == [
        Flow("hauled", "residual", "A", "", "S", 200, 0),
        Flow("hauled", "residual", "B", "", "S", 300, 0),
        Flow("hauled", "residual", "", "", "S", 500, 1),
    ]


def test_an_arrival_posts_both_weighings_and_what_was_lost_on_the_way() -> None:
    both = [Flow("arrived", "residual", "", "", "P", 1_000, 1), Flow("taken_in", "residual", "", "", "P", 980, 1)]
    assert of_arrival("P", "residual", judge(1_000, 980, TOLERANCE), "within_tolerance") == [
        *both,
        Flow("haul_residue:within_tolerance", "residual", "", "", "P", 20, 0),
    ]
    assert len(of_arrival("P", "residual", judge(1_000, 1_000, TOLERANCE), "within_tolerance")) == 2


def test_a_station_s_day_posts_what_is_stored_and_each_named_loss() -> None:
    assert of_station_day("S", "residual", 400, {"stock_taking": -20, "residue": 30, "none": 0}) == [
        Flow("stored", "residual", "", "", "S", 400, 0),
        Flow("station_residue:residue", "residual", "", "", "S", 30, 0),
        Flow("station_residue:stock_taking", "residual", "", "", "S", -20, 0),
    ]
    assert of_station_day("S", "residual", 0, {}) == []
