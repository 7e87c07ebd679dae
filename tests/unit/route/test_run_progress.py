"""Pace, expected finish and delay of a run: stops planned every ten minutes from 18:00 on, by the shipped rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.progress import Progress, StopState, progress_of
from services.route.rulebooks import PROGRESS_RULES
from shared.vocabulary import Verdict

[RULES] = PROGRESS_RULES.versions
EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def stop(number: int, served: float | None = None, verdict: str = "") -> StopState:
    """Stop `number` of a run, from 0; `served` and the plan in minutes after 18:00."""
    verdict = verdict or ("planned" if served is None else "collected")
    return StopState(at(10 * number), f"S{number}", Verdict(verdict), None if served is None else at(served))


def progress(*stops: StopState, now: float) -> Progress:
    return progress_of(stops, at(now), RULES)


def test_a_run_that_has_not_begun_is_expected_as_planned() -> None:
    found = progress(stop(0), stop(1), stop(2), now=-60)
    assert (found.stops, found.done, found.left, found.percent) == (3, 0, 3, 0.0)
    assert (found.expected_finish_at, found.behind_minutes) == (at(20), 0.0)
    assert found.pace == (None, 600.0, 1.0)


def test_a_run_that_should_have_begun_is_later_with_every_minute() -> None:
    found = progress(stop(0), stop(1), stop(2), now=15)
    assert (found.expected_finish_at, found.behind_minutes) == (at(35), 15.0)


def test_a_crew_that_takes_half_as_long_again_finishes_by_that_pace() -> None:
    found = progress(stop(0, 0), stop(1, 15), stop(2, 30), stop(3, 45), stop(4), stop(5), now=50)
    assert found.pace == (900.0, 600.0, 1.5)
    assert (found.done, found.left, found.percent) == (4, 2, 66.7)
    assert found.last_served_at == at(45)
    assert found.expected_finish_at == at(75)  # 45, and two ways of ten minutes that take fifteen
    assert found.behind_minutes == 15.0


def test_one_long_rest_does_not_make_a_pace() -> None:
    found = progress(*(stop(n, 10 * n + (60 if n > 2 else 0)) for n in range(6)), stop(6), now=111)
    assert found.pace == (600.0, 600.0, 1.0)
    assert (found.expected_finish_at, found.behind_minutes) == (at(120), 60.0)


def test_after_few_stops_the_plans_own_pace_holds() -> None:
    found = progress(stop(0, 0), stop(1, 40), stop(2), now=40)
    assert found.pace == (2400.0, 600.0, 1.0)
    assert found.expected_finish_at == at(50)


@pytest.mark.parametrize(("every", "times_plan"), [(0.1, 0.33), (5, 0.5), (100, 3.0)])
def test_a_pace_has_bounds(every: float, times_plan: float) -> None:
    found = progress(*(stop(n, every * n) for n in range(4)), stop(4), now=0)
    assert found.pace.times_plan == times_plan


def test_the_next_stop_is_not_expected_in_the_past() -> None:
    """Served at 18:00, silent until 19:00: the remaining two are a way of ten minutes apart."""
    found = progress(stop(0, 0), stop(1), stop(2), now=60)
    assert (found.expected_finish_at, found.behind_minutes) == (at(70), 50.0)


def test_a_crew_ahead_of_its_plan_is_behind_by_less_than_nothing() -> None:
    found = progress(stop(0, -20), stop(1, -10), stop(2, 0), stop(3), now=1)
    assert found.behind_minutes == -20.0


def test_a_stop_passed_over_is_still_left_but_makes_nobody_late_who_went_on() -> None:
    found = progress(stop(0, 0), stop(1), stop(2, 20), stop(3, 30), stop(4, 40), stop(5), now=41)
    assert (found.left, found.behind_minutes) == (2, 0.0)
    assert found.expected_finish_at == at(60)


def test_missed_unknown_and_excepted_stops_are_neither_done_nor_left() -> None:
    found = progress(stop(0, 0), *(stop(n, None, v) for n, v in enumerate(("missed", "unknown", "excepted"), 1)), now=200)
    assert (found.stops, found.done, found.left, found.percent) == (4, 1, 0, 25.0)
    assert (found.expected_finish_at, found.behind_minutes) == (None, None)


def test_a_dispatchers_ruling_counts_as_done_though_nobody_knows_when() -> None:
    found = progress(stop(0, None, "collected"), stop(1), now=0)
    assert (found.done, found.left, found.last_served_at) == (1, 1, None)


def test_a_run_without_stops_is_no_error() -> None:
    found = progress(now=0)
    assert (found.percent, found.expected_finish_at, found.behind_minutes, found.pace) == (0.0, None, None, (None, None, 1.0))


STOPS = [stop(0, 3), stop(1, 3), stop(2), stop(3, 28, "late"), stop(4, None, "missed"), stop(5, 44), stop(6), stop(7)]


@given(st.permutations(STOPS), st.floats(-30, 300))
def test_the_order_of_the_stops_makes_no_difference_and_time_brings_the_end_no_nearer(stops: list[StopState], now: float) -> None:
    found = progress(*stops, now=now)
    assert found == progress(*STOPS, now=now)
    later = progress(*stops, now=now + 5)
    assert found.expected_finish_at is not None
    assert later.expected_finish_at is not None
    assert later.expected_finish_at >= found.expected_finish_at >= at(now)
