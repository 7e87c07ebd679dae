"""What a day counts as for those who follow the public calendar."""

from datetime import date

import pytest

from shared.calendar import SpecialDay, counts_as, is_working_day

FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "kind", "weekday", "worked"),
    [
        (FRIDAY, None, 5, True),
        (SATURDAY, None, 6, False),
        (SUNDAY, None, 7, False),
        (FRIDAY, "holiday", 7, False),
        (FRIDAY, "ordinary", 5, True),
        (SATURDAY, "ordinary", 6, False),
        (FRIDAY, "workday", 5, True),
        (SATURDAY, "workday", 5, True),
        (SUNDAY, "workday", 1, True),
    ],
)
def test_a_holiday_is_a_sunday_and_a_worked_weekend_a_weekday(day: date, kind: str | None, weekday: int, worked: bool) -> None:
    calendar = {} if kind is None else {day: SpecialDay(day=day, kind=kind, name_zh="", name_en="")}
    assert (counts_as(day, calendar), is_working_day(day, calendar)) == (weekday, worked)
