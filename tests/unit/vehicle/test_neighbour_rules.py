"""A fix that both neighbours make impossible is left out; what is only unusual is not."""

from datetime import UTC, datetime, timedelta

from services.vehicle.domain.motion import Fix
from services.vehicle.domain.neighbours import in_time, is_within_reach, sift
from services.vehicle.rulebooks import limits_at

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
LIMITS = limits_at(START)
HERE, BEIJING, XIAN = (121.43, 31.18), (116.40, 39.90), (108.94, 34.34)


def fix(second: float, place: tuple[float, float] = HERE, east_m: float = 0) -> Fix:
    return Fix(START + timedelta(seconds=second), place[0] + east_m / 95_000, place[1])


def left_out(*fixes: Fix, last: Fix | None = None) -> list[int]:
    return sift(last, fixes, LIMITS).left_out


def test_one_fix_in_another_city_is_left_out() -> None:
    assert left_out(fix(0), fix(10), fix(20, BEIJING), fix(30), fix(40)) == [2]
    assert left_out(fix(10, BEIJING), fix(20), last=fix(0)) == [0]


def test_several_fixes_each_elsewhere_are_left_out() -> None:
    assert left_out(fix(0), fix(10, BEIJING), fix(20, XIAN), fix(30)) == [1, 2]
    assert left_out(fix(0), fix(10, BEIJING), fix(20), fix(30, BEIJING), fix(40)) == [1, 3]


def test_a_fix_that_the_next_one_confirms_counts() -> None:
    assert left_out(fix(0), fix(10, BEIJING), fix(20, BEIJING), fix(30, BEIJING)) == []


def test_a_fix_counts_when_the_truck_had_time_to_get_there() -> None:
    assert left_out(fix(0), fix(36_000, BEIJING), fix(72_000)) == []
    assert left_out(fix(0), fix(10, east_m=600), fix(20)) == []


def test_two_fixes_of_one_moment_are_apart_by_no_more_than_satellites_err() -> None:
    assert is_within_reach(fix(0), fix(0, east_m=250), LIMITS)
    assert not is_within_reach(fix(0), fix(0, east_m=2500), LIMITS)
    assert sorted([fix(0, BEIJING), fix(0)], key=in_time) == sorted([fix(0), fix(0, BEIJING)], key=in_time)


def test_the_newest_fix_is_believed_and_in_doubt_until_the_next() -> None:
    found = sift(None, [fix(0), fix(10, BEIJING)], LIMITS)
    assert (found.believed, found.left_out, found.in_doubt) == ([0, 1], [], True)
    assert not sift(None, [fix(0), fix(10)], LIMITS).in_doubt
