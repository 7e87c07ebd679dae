"""Stock and origins: whatever comes in any order, nothing is lost and every haul is accounted for to the kilogram."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.transfer_station.domain.stock import (
    UNKNOWN,
    Counted,
    Kind,
    Move,
    by_day,
    correction_kg,
    hours_to_full,
    origins,
    percentile,
    with_counts,
)

START = datetime(2026, 11, 16, tzinfo=UTC)


def move(minutes: int, name: str, kind: Kind, kg: int, district: str | None = None) -> Move:
    return Move(START + timedelta(minutes=minutes), name, kind, kg, district)


MINUTE, NUMBER = st.integers(0, 99), st.integers()
DISTRICT = st.sampled_from(["310104", "310112", None])
TICKETS = st.builds(lambda m, n, kg, d: move(m, f"t{n}", "ticket", kg, d), MINUTE, NUMBER, st.integers(1, 9_000), DISTRICT)
HAULS = st.builds(lambda m, n, kg: move(m, f"h{n}", "haul", -kg), MINUTE, NUMBER, st.integers(1, 20_000))
LOSSES = st.builds(lambda m, n, kg: move(m, f"c{n}", "correction", kg), MINUTE, NUMBER, st.integers(-500, 500))
MOVES = st.lists(st.one_of(TICKETS, HAULS, LOSSES), max_size=40, unique_by=lambda m: m.movement_id)
COUNT = st.builds(lambda m, n, kg: Counted(START + timedelta(minutes=m), f"s{n}", kg), MINUTE, NUMBER, st.integers(0, 20_000))
COUNTS = st.lists(COUNT, max_size=5, unique_by=(lambda c: c.at, lambda c: c.entry_id))


@given(moves=MOVES, opening=st.integers(0, 5_000))
def test_a_haul_s_origins_sum_to_it_exactly(moves: list[Move], opening: int) -> None:
    found = origins(moves, opening)
    hauls = {m.movement_id: -m.kg for m in moves if m.kind == "haul"}
    assert {name: sum(parts.values()) for name, parts in found.items()} == hauls
    assert all(kg > 0 for parts in found.values() for kg in parts.values())


@given(moves=MOVES, counts=COUNTS, opening=st.integers(0, 5_000), data=st.data())
def test_the_order_of_arrival_changes_nothing(
    moves: list[Move], counts: list[Counted], opening: int, data: st.DataObject
) -> None:
    shuffled, later = data.draw(st.permutations(moves)), data.draw(st.permutations(counts))
    assert origins(with_counts(moves, counts, opening), opening) == origins(with_counts(shuffled, later, opening), opening)


@given(moves=MOVES, opening=st.integers(0, 5_000))
def test_no_district_gives_more_than_it_brought(moves: list[Move], opening: int) -> None:
    found = origins(moves, opening)
    for district in ("310104", "310112"):
        brought = sum(m.kg for m in moves if m.district_id == district and m.kg > 0)
        assert sum(parts.get(district, 0) for parts in found.values()) <= brought


@given(moves=MOVES, counts=COUNTS, opening=st.integers(0, 5_000))
def test_after_a_stock_taking_the_books_say_what_was_counted(moves: list[Move], counts: list[Counted], opening: int) -> None:
    booked = with_counts(moves, counts, opening)
    assert len(booked) == len(moves) + len(counts)
    for count in counts:
        assert opening + sum(m.kg for m in booked if m.at <= count.at) == count.kg


def test_the_oldest_waste_leaves_first() -> None:
    moves = [
        move(0, "t1", "ticket", 3_000, "A"),
        move(1, "t2", "ticket", 2_000, "B"),
        move(2, "c1", "correction", -500),
        move(3, "h1", "haul", -3_000),
        move(4, "h2", "haul", -2_000),
    ]
    assert origins(moves) == {"h1": {"A": 2_500, "B": 500}, "h2": {"B": 1_500, UNKNOWN: 500}}


def test_waste_that_came_after_a_haul_is_not_in_it() -> None:
    assert origins([move(5, "t1", "ticket", 100, "A"), move(1, "h1", "haul", -100)]) == {"h1": {UNKNOWN: 100}}


def test_a_correction_is_what_was_counted_less_what_the_books_say() -> None:
    assert correction_kg(2_900, 1_000, 2_000) == -100


def test_time_to_full_follows_the_pace_of_the_last_hours() -> None:
    assert hours_to_full(6_000, 20_000, 6_000, 3) == 7.0
    assert hours_to_full(6_000, 20_000, 0, 3) is None
    assert hours_to_full(6_000, 20_000, -10, 3) is None
    assert hours_to_full(20_000, 20_000, -10, 3) == 0


def test_percentiles_are_values_that_were_there() -> None:
    assert percentile([5, 1, 3, 2, 4], 50) == 3
    assert percentile([float(n) for n in range(1, 11)], 90) == 9
    assert percentile([7], 90) == 7
    assert percentile([], 50) is None


def ten_minutes(at: datetime) -> date:
    """Days that are ten minutes long, so that moves fall into several."""
    return date(2026, 1, 1) + timedelta(days=int((at - START).total_seconds()) // 600)


@given(moves=MOVES, counts=COUNTS, opening=st.integers(0, 5_000))
def test_every_day_closes_and_opens_where_the_one_before_ended(moves: list[Move], counts: list[Counted], opening: int) -> None:
    booked = with_counts(moves, counts, opening)
    named = {m.movement_id: "stock_taking" if m.movement_id.startswith("s") else "residue" for m in booked}
    days = by_day(booked, opening, ten_minutes, named)
    level = opening
    for day in days:
        assert day.opening_kg == level
        assert day.opening_kg + day.in_kg == day.out_kg + sum(day.lost_kg.values()) + day.closing_kg
        level = day.closing_kg
    assert level == opening + sum(m.kg for m in booked)
    assert [day.day for day in days] == sorted({ten_minutes(m.at) for m in booked})


def test_a_single_kilogram_counts_in_and_out() -> None:
    moves = [move(0, "t1", "ticket", 1, "A"), move(1, "h1", "haul", -2)]
    assert origins(moves, 1) == {"h1": {UNKNOWN: 1, "A": 1}}
    assert origins([move(0, "h1", "haul", -1)]) == {"h1": {UNKNOWN: 1}}


def test_time_to_full_has_two_decimals_and_needs_one_kilogram_of_growth() -> None:
    assert hours_to_full(0, 1_000, 300, 1) == 3.33
    assert hours_to_full(0, 10, 1, 1) == 10.0


def test_a_percentile_of_a_hundred_values_is_exact() -> None:
    assert percentile([float(n) for n in range(1, 102)], 100) == 101
    assert percentile([float(n) for n in range(1, 102)], 1) == 2
