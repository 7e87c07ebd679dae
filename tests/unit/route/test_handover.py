"""Who served a stop that several trucks had, and when it may be called missed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.route.domain.judging.handover import Finding, Former, combined

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
NOTHING: dict[str, Any] = {}


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def served(minutes: int, verdict: str = "collected") -> Finding:
    return Finding(verdict, at(minutes), {"what": "dwell"})


def former(found: Finding | None, vehicle_id: str = "A", heard: int | None = 60) -> Former:
    return Former(vehicle_id, NOON, None if heard is None else at(heard), found)


MISSED = Finding("missed", None, NOTHING)


def test_the_first_service_counts_and_names_its_truck() -> None:
    found = combined(served(20), [former(served(9, "late"), "B"), former(served(5), "A")])
    assert found == Finding("collected", at(5), {"what": "dwell", "vehicle_id": "A"})


def test_of_two_at_the_same_time_the_truck_that_has_the_stop_comes_first() -> None:
    assert combined(served(5), [former(served(5))]) == served(5)


@pytest.mark.parametrize("heard", [None, -1])
def test_what_the_last_truck_missed_is_unknown_until_the_first_has_been_heard_of(heard: int | None) -> None:
    assert combined(MISSED, [former(None, heard=heard)]).verdict == "unknown"


def test_what_nobody_served_is_missed_when_all_have_been_heard_of() -> None:
    assert combined(MISSED, [former(None, "A", heard=0), former(None, "B")]) == MISSED


def test_leaving_a_fixed_time_point_too_soon_is_no_service() -> None:
    assert combined(served(30), [former(Finding("missed", at(3), NOTHING))]) == served(30)
    assert combined(MISSED, [former(Finding("missed", at(3), NOTHING))]) == MISSED


@pytest.mark.parametrize("verdict", ["planned", "excepted", "unknown"])
def test_what_is_not_decided_yet_or_excused_stays_so(verdict: str) -> None:
    own = Finding(verdict, None, NOTHING)
    assert combined(own, [former(None, heard=None)]) == own
