"""What all that was said of an order comes to, in whatever order it arrives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.judging.findings import Ruling
from services.route.domain.orders.dispatch import (
    Change,
    OrderEntry,
    Pickup,
    RestOfRun,
    Unloading,
    details_as_json,
    standing,
)
from services.route.domain.orders.pickups import PickupPlace, Window, pickup_run, window_of
from services.route.domain.orders.takeovers import may_move
from services.route.rulebooks import ORDER_RULES
from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import OrderKind, OrderStatus, Verdict, WasteStream
from tests.unit.route.records import ORDER, STOP

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
    order = replace(ORDER, status=OrderStatus(status), due_at=at(30))
    assert order.is_overdue(at(31)) is overdue
    assert order.is_overdue(at(30)) is False


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
    ruling = Ruling(verdict=Verdict(verdict), reason="so it is", by="T", at=GIVEN) if is_ruled else None
    stop = replace(STOP, verdict=Verdict(verdict), planned_at=GIVEN, ruling=ruling)
    assert may_move(stop, at(minutes), SIX_HOURS) is moves


def test_every_kind_without_a_window_has_a_time_in_which_it_is_due() -> None:
    for rules in ORDER_RULES.versions:
        assert set(rules.due_minutes) == {kind.value for kind in OrderKind} - {"extra_pickup"}


# --- an order and what is said of it


def entry(status: str, minutes: float, seq: int = 2) -> OrderEntry:
    return OrderEntry(
        order_id="O-1", seq=seq, status=OrderStatus(status), at=at(minutes), by="D-1", note="", recorded_at=at(minutes)
    )


OPENED = entry("open", 0, 1)


def test_an_order_becomes_what_was_said_of_it_and_its_revision_grows() -> None:
    accepted = ORDER.with_entry([OPENED], entry("accepted", 5))
    assert (accepted.status, accepted.status_at, accepted.revision) == ("accepted", at(5), 2)


def test_an_older_answer_leaves_the_order_as_it_is() -> None:
    refused = replace(ORDER, status=OrderStatus.REFUSED, status_at=at(9), revision=3)
    assert refused.with_entry([OPENED, entry("refused", 9)], entry("accepted", 5, 3)) is refused


def test_an_entry_comes_after_those_that_are_known() -> None:
    new = ORDER.entry([OPENED], Change(OrderStatus.DONE, at(7)), by="evidence", note="served", at=at(8))
    assert (new.seq, new.status, new.at, new.by, new.note, new.recorded_at) == (2, "done", at(7), "evidence", "served", at(8))


def test_an_answer_counts_at_its_own_time_but_not_before_the_order_was_given() -> None:
    rules = ORDER_RULES.versions[-1]
    assert ORDER.answered(OrderStatus.ACCEPTED, at(3), at(5), rules) == Change(OrderStatus.ACCEPTED, at(3))
    assert ORDER.answered(OrderStatus.ACCEPTED, at(-3), at(5), rules) == Change(OrderStatus.ACCEPTED, at(0))
    assert ORDER.answered(OrderStatus.ACCEPTED, None, at(5), rules) == Change(OrderStatus.ACCEPTED, at(5))


def test_the_same_answer_without_a_time_is_a_repeat() -> None:
    accepted = replace(ORDER, status=OrderStatus.ACCEPTED, status_at=at(2))
    assert accepted.answered(OrderStatus.ACCEPTED, None, at(5), ORDER_RULES.versions[-1]) is None
    assert accepted.answered(OrderStatus.ACCEPTED, at(4), at(5), ORDER_RULES.versions[-1]) is not None


def test_an_answer_from_the_future_is_refused() -> None:
    rules = ORDER_RULES.versions[-1]
    soon = at(5) + timedelta(minutes=rules.clock_skew_minutes)
    assert ORDER.answered(OrderStatus.DONE, soon, at(5), rules) == Change(OrderStatus.DONE, soon)
    with pytest.raises(Invalid, match="lies in the future; set the clock, or leave it out"):
        ORDER.answered(OrderStatus.DONE, soon + timedelta(seconds=1), at(5), rules)


def test_what_is_done_cannot_be_cancelled() -> None:
    assert ORDER.cancelled(at(5)) == Change(OrderStatus.CANCELLED, at(5))
    assert replace(ORDER, status=OrderStatus.CANCELLED).cancelled(at(5)) is None
    with pytest.raises(Conflict, match="the order is done; there is nothing to cancel"):
        replace(ORDER, status=OrderStatus.DONE).cancelled(at(5))


def test_what_was_ordered_as_json() -> None:
    window = {"window_start": "2026-11-16T10:00:00+00:00", "window_end": "2026-11-16T12:00:00+00:00"}
    pickup = Pickup(
        service_point_id="SP-1",
        name="a",
        lon=121.4,
        lat=31.2,
        stream=WasteStream.BULKY,
        window_start=at(0),
        window_end=at(120),
    )
    place = {"service_point_id": "SP-1", "name": "a", "lon": 121.4, "lat": 31.2, "stream": "bulky"}
    assert details_as_json(pickup) == place | window
    assert details_as_json(Unloading(place="North")) == {"place": "North"}
    rest = RestOfRun(run_id="R", route_name="Round", from_vehicle_id=None, stop_count=2)
    assert details_as_json(rest) == {"run_id": "R", "route_name": "Round", "from_vehicle_id": None, "stop_count": 2}


# --- an extra pick-up


def test_a_window_is_open_at_once_unless_it_says_when() -> None:
    rules = ORDER_RULES.versions[-1]
    assert window_of(None, None, at(0), rules, 6) == Window(start=at(0), end=at(rules.pickup_window_minutes))
    assert window_of(at(60), at(90), at(0), rules, 6) == Window(start=at(60), end=at(90))


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (60, 60, "the window must end after it begins, and not in the past"),
        (-60, -1, "the window must end after it begins, and not in the past"),
        (60 * 24 * 400, None, "later ones belong into the timetable"),
        (0, 361, "a window lasts at most 6 hours"),
    ],
)
def test_a_window_in_which_nobody_could_be_sent_is_refused(start: int, end: int | None, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        window_of(at(start), None if end is None else at(end), at(0), ORDER_RULES.versions[-1], 6)


def test_a_pick_up_is_a_run_of_one_stop_that_counts_from_when_it_was_ordered() -> None:
    place = PickupPlace(service_point_id="X-O-1", name="a", lon=121.4, lat=31.2, district_id="310104")
    made = pickup_run(
        "O-1",
        "T-001",
        "K-1",
        place,
        WasteStream.BULKY,
        Window(start=at(0), end=at(120)),
        service_day=GIVEN.date(),
        grace=timedelta(minutes=30),
        given_at=at(-5),
    )
    assert (made.run.run_id, made.run.route_id, made.run.stop_count, made.run.order_id) == ("2026-11-16:X:O-1", "X", 1, "O-1")
    assert (made.stop.stop_id, made.stop.not_before, made.stop.deadline) == ("2026-11-16:X:O-1:1", at(-5), at(150))
    assert (made.details.service_point_id, made.details.window_end) == ("X-O-1", at(120))
