from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.judging.pairs import matched


def apart(plan: int, visit: int) -> float | None:
    return abs(plan - visit) if abs(plan - visit) <= 60 else None


def test_as_many_pairs_as_possible_are_made_before_the_nearest() -> None:
    assert matched([0, 60], [55, 70], apart) == [(0, 55), (60, 70)]


def test_the_nearest_visit_serves_a_single_plan() -> None:
    assert matched([30], [0, 28, 50], apart) == [(30, 28)]


def test_a_later_visit_never_serves_an_earlier_plan() -> None:
    assert matched([10, 20], [19], apart) == [(20, 19)]
    assert matched([10, 20, 30], [12, 29], apart) == [(10, 12), (30, 29)]


def test_a_strong_visit_is_preferred_to_a_nearer_one() -> None:
    assert matched([30], [30, 50], apart, is_strong=lambda visit: visit == 50) == [(30, 50)]


def test_what_is_too_far_apart_stays_alone() -> None:
    assert matched([0], [61], apart) == []
    assert matched([], [5], apart) == []


TIMES = st.lists(st.integers(0, 200), max_size=5).map(sorted)


@given(TIMES, TIMES)
def test_no_other_matching_that_keeps_the_order_is_better(plans: list[int], visits: list[int]) -> None:
    best = (0, 0.0)
    for size in range(1, min(len(plans), len(visits)) + 1):
        for chosen_plans in combinations(plans, size):
            for chosen_visits in combinations(visits, size):
                gaps = [apart(p, v) for p, v in zip(chosen_plans, chosen_visits, strict=True)]
                if None not in gaps:
                    best = max(best, (size, -sum(gap for gap in gaps if gap is not None)))
    pairs = matched(plans, visits, apart)
    assert (len(pairs), -sum(abs(p - v) for p, v in pairs)) == best
    assert pairs == sorted(pairs)
