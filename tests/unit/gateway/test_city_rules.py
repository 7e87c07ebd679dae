"""What is stale, what a lift counts for, and what lies in a box."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.gateway.domain.city import CityRules, in_box, is_stale, latest_believed, stream_of_lift

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
RULES = CityRules(
    valid_from=date(2020, 1, 1), source="a test", offline_minutes=10, driving_kmh=3, stale_seconds=90, clock_tolerance_seconds=120
)
BOX = (121.40, 31.20, 121.42, 31.22)


def test_a_part_may_be_dated_ahead_by_what_clocks_differ() -> None:
    assert latest_believed(NOW, RULES) == datetime(2026, 11, 16, 2, 2, tzinfo=UTC)


def test_a_part_is_stale_when_it_was_not_confirmed_for_longer_than_the_limit() -> None:
    assert is_stale(None, NOW, RULES) is True
    assert is_stale(NOW - timedelta(seconds=90), NOW, RULES) is False
    assert is_stale(NOW - timedelta(seconds=91), NOW, RULES) is True


@pytest.mark.parametrize(
    ("carried", "collecting", "stream"),
    [
        (["food"], {"residual"}, "food"),
        (["food", "food"], set(), "food"),
        (["food", "residual"], {"residual"}, "residual"),
        ([], {"residual"}, "residual"),
        (["food", "residual"], {"food", "residual"}, "unsorted"),
        ([], set(), "unsorted"),
    ],
)
def test_a_lift_counts_for_the_only_stream_that_it_can_be(carried: list[str], collecting: set[str], stream: str) -> None:
    assert stream_of_lift(carried, collecting) == stream


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        (121.41, 31.21, True),
        (121.40, 31.21, True),
        (121.42, 31.21, True),
        (121.41, 31.20, True),
        (121.41, 31.22, True),
        (121.39, 31.21, False),
        (121.43, 31.21, False),
        (121.41, 31.19, False),
        (121.41, 31.23, False),
        (None, 31.21, False),
        (121.41, None, False),
        (None, None, False),
    ],
)
def test_a_box_holds_its_edges_and_nothing_without_a_place(lon: float | None, lat: float | None, inside: bool) -> None:
    assert in_box(lon, lat, BOX) is inside
    assert in_box(lon, lat, None) is True
