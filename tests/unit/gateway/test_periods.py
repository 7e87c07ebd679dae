"""Periods, what they are compared with, and where a month will end."""

from datetime import date, timedelta

import pytest

from services.gateway.domain.periods import Grain, begin, expected_kg, following, growth, preceding, year_before

GRAINS: tuple[Grain, ...] = ("day", "week", "month", "year")


@pytest.mark.parametrize(
    ("grain", "first", "after", "before", "year_ago"),
    [
        ("day", date(2028, 2, 29), date(2028, 3, 1), date(2028, 2, 28), date(2027, 2, 28)),
        ("week", date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 9), date(2025, 11, 17)),
        ("month", date(2026, 12, 1), date(2027, 1, 1), date(2026, 11, 1), date(2025, 12, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1), date(2025, 1, 1), date(2025, 1, 1)),
    ],
)
def test_a_period_knows_its_neighbours(grain: Grain, first: date, after: date, before: date, year_ago: date) -> None:
    assert begin(after - timedelta(days=1), grain) == first
    assert (following(first, grain), preceding(first, grain), year_before(first, grain)) == (after, before, year_ago)


def test_every_day_lies_in_exactly_one_period_of_each_grain() -> None:
    for n in range(1_500):
        day = date(2024, 1, 1) + timedelta(days=n)
        for grain in GRAINS:
            first = begin(day, grain)
            assert first <= day < following(first, grain)
            assert begin(first, grain) == first


def test_growth_is_nothing_where_there_is_nothing_to_compare_with() -> None:
    assert (growth(105, 100), growth(90, 120), growth(5, 0), growth(5, None)) == (0.05, -0.25, None, None)


def test_a_month_ends_as_its_weekdays_usually_do() -> None:
    """Mondays weigh 700, other days 100; on the 16th (a Monday) fifteen days are known and fifteen are to come."""
    today, first, after = date(2026, 11, 16), date(2026, 11, 1), date(2026, 12, 1)
    by_day = {today - timedelta(days=n): 700 if (today - timedelta(days=n)).weekday() == 0 else 100 for n in range(60)}
    by_day[today] = 3
    known = 2 * 700 + 13 * 100
    assert expected_kg(by_day, first, after, today) == known + 3 * 700 + 12 * 100
    assert expected_kg(by_day, first, after, after) == sum(kg for day, kg in by_day.items() if day >= first)
    assert expected_kg({}, first, after, today) == 0


def test_growth_has_four_decimals_and_the_28th_is_compared_with_the_28th() -> None:
    assert growth(4, 3) == 0.3333
    assert year_before(date(2026, 3, 31), "day") == date(2025, 3, 31)
    assert year_before(date(2026, 2, 28), "day") == date(2025, 2, 28)


def test_days_to_come_are_those_after_today() -> None:
    """Mondays weigh 700, Sundays 70; from a Friday to the Tuesday after there is one of each."""
    today = date(2026, 11, 20)
    by_day = {today - timedelta(days=n): {0: 700, 6: 70}.get((today - timedelta(days=n)).weekday(), 0) for n in range(1, 29)}
    assert expected_kg(by_day, today, date(2026, 11, 24), today) == 770
