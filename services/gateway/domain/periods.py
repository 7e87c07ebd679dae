"""Days, weeks, months and years of the waste data platform, what they are compared with, and where a month will end."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "week", "month", "year"]
FEBRUARY, LAST_OF_FEBRUARY = 2, 28


def begin(day: date, grain: Grain) -> date:
    """The first day of the period that `day` lies in; weeks begin on Monday (ISO 8601)."""
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def following(first: date, grain: Grain) -> date:
    """The first day of the period after the one that begins on `first`."""
    match grain:
        case "week":
            return first + timedelta(days=7)
        case "month":
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        case "year":
            return first.replace(year=first.year + 1)
    return first + timedelta(days=1)


def preceding(first: date, grain: Grain) -> date:
    return begin(first - timedelta(days=1), grain)


def year_before(first: date, grain: Grain) -> date:
    """The same period a year ago: of a week the same weekdays, 52 weeks before; 29 February is compared with the 28th."""
    if grain == "week":
        return first - timedelta(weeks=52)
    if first.month == FEBRUARY and first.day > LAST_OF_FEBRUARY:
        return first.replace(year=first.year - 1, day=LAST_OF_FEBRUARY)
    return first.replace(year=first.year - 1)


def growth(kg: int, before_kg: int | None) -> float | None:
    """0.05 is 5 % more; None where there is nothing to compare with."""
    return round(kg / before_kg - 1, 4) if before_kg else None


def expected_kg(by_day: Mapping[date, int], first: date, after: date, today: date) -> int:
    """Where the period [first, after) will end: what was weighed until yesterday, and for every day from today on the mean of
    the same weekday over the four weeks before today (days on which nothing was weighed count as nothing)."""
    weighed = sum(kg for day, kg in by_day.items() if first <= day < min(today, after))
    usual = {
        weekday: sum(
            by_day.get(today - timedelta(days=back), 0)
            for back in range(1, 29)
            if (today - timedelta(days=back)).weekday() == weekday
        )
        / 4
        for weekday in range(7)
    }
    left = max(first, today)
    days = (left + timedelta(days=n) for n in range(max(0, (after - left).days)))
    return weighed + round(sum(usual[day.weekday()] for day in days))
