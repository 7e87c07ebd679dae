"""What all that was said of an order comes to, in whatever order it arrives."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.orders.dispatch import Change, RunStop, is_overdue, standing, stops_to_move
from services.route.reference import order_rules
from shared.vocabulary import OrderKind, OrderStatus

GIVEN = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)


def at(minutes: float) -> datetime:
    return GIVEN + timedelta(minutes=minutes)


def said(*changes: tuple[str, float]) -> list[Change]:
    """With the order being open from the beginning."""
    return [Change(OrderStatus.OPEN, GIVEN), *(Change(OrderStatus(status), at(minutes)) for status, minutes in changes)]


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ([], ("open", 0)),
        ([("delivered", 2)], ("delivered", 2)),
        ([("delivered", 2), ("accepted", 3)], ("accepted", 3)),
        ([("accepted", 3), ("delivered", 4)], ("accepted", 3)),
        ([("refused", 3), ("accepted", 9)], ("accepted", 9)),
        ([("accepted", 3), ("refused", 9)], ("refused", 9)),
        ([("accepted", 3), ("refused", 3)], ("refused", 3)),
        ([("accepted", 3), ("done", 20)], ("done", 20)),
        ([("done", 20), ("refused", 30)], ("done", 20)),
        ([("done", 20), ("done", 25)], ("done", 20)),
        ([("refused", 3), ("done", 20)], ("done", 20)),
        ([("cancelled", 5), ("accepted", 6)], ("cancelled", 5)),
        ([("cancelled", 5), ("done", 20)], ("cancelled", 5)),
        ([("done", 4), ("cancelled", 5)], ("done", 4)),
        ([("done", 5), ("cancelled", 5)], ("done", 5)),
    ],
)
def test_what_holds(changes: list[tuple[str, float]], holds: tuple[str, float]) -> None:
    status, minutes = holds
    for order in permutations(said(*changes)):
        assert standing(order) == Change(OrderStatus(status), at(minutes))


def test_nothing_said_is_no_order() -> None:
    with pytest.raises(LookupError):
        standing([])


CHANGES = st.lists(st.tuples(st.sampled_from([status.value for status in OrderStatus]), st.integers(0, 5)), max_size=8)


@given(CHANGES, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_arrival_comes_to_the_same(changes: list[tuple[str, float]], chance: object) -> None:
    expected = standing(said(*changes))
    again = said(*changes) * 2
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert standing(again) == expected


@given(CHANGES, st.tuples(st.sampled_from(["accepted", "refused", "done", "cancelled"]), st.integers(0, 5)))
def test_an_older_answer_never_moves_back_what_an_answer_made(changes: list[tuple[str, float]], late: tuple[str, float]) -> None:
    before = standing(said(*changes))
    after = standing([*said(*changes), Change(OrderStatus(late[0]), at(late[1]))])
    if before.status in {"accepted", "refused"} and late[0] in {"accepted", "refused"} and at(late[1]) < before.at:
        assert after == before
    if before.status in {"done", "cancelled"}:
        assert after.status in {"done", "cancelled"}
        assert after.at <= before.at


@pytest.mark.parametrize(
    ("status", "overdue"),
    [("open", True), ("delivered", True), ("accepted", True), ("refused", False), ("done", False), ("cancelled", False)],
)
def test_only_what_is_waited_for_is_overdue(status: str, overdue: bool) -> None:
    assert is_overdue(status, at(30), at(31)) is overdue
    assert is_overdue(status, at(30), at(30)) is False


@pytest.mark.parametrize(
    ("verdict", "minutes", "is_ruled", "moves"),
    [
        ("planned", 0, False, True),
        ("excepted", 0, False, True),
        ("missed", 0, False, True),
        ("unknown", 0, False, True),
        ("collected", 0, False, False),
        ("late", 0, False, False),
        ("early", 0, False, False),
        ("excepted", 0, True, False),
        ("missed", 360, False, True),
        ("missed", 361, False, False),
        ("planned", -600, False, True),
    ],
)
def test_what_another_truck_takes_over(verdict: str, minutes: float, is_ruled: bool, moves: bool) -> None:
    """Whatever nobody served, as long as somebody who comes now could have been meant for it."""
    stop = RunStop("S", verdict, GIVEN, is_ruled)
    assert stops_to_move([stop], at(minutes), SIX_HOURS) == (["S"] if moves else [])


def test_every_kind_without_a_window_has_a_time_in_which_it_is_due() -> None:
    for rules in order_rules():
        assert set(rules.due_minutes) == {kind.value for kind in OrderKind} - {"extra_pickup"}
