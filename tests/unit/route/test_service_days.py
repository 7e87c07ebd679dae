"""Which days a line of the timetable is served on."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.route.domain.timetable.calendar import runs_on
from services.route.domain.timetable.file import parse_timetable
from services.route.domain.timetable.routes import Timetable
from services.route.domain.timetable.weekdays import follows_calendar
from services.route.rulebooks import IMPORT_LIMITS, JUDGEMENT_RULES
from shared.calendar import ORDINARY, SpecialDay, counts_as
from shared.public_calendar import public_calendar
from shared.tables_in.reading import read_table

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES, CALENDAR = JUDGEMENT_RULES.versions[-1], public_calendar()
FRIDAY, HOLIDAY, WORKED_SATURDAY, WORKED_SUNDAY = date(2026, 10, 16), date(2026, 10, 2), date(2026, 10, 10), date(2026, 9, 20)
HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays,window_start,window_end,valid_from,valid_to,calendar"


def timetable(*lines: str) -> Timetable:
    return parse_timetable(read_table("\n".join([HEADER, *lines]), "csv"), {}, IMPORT_LIMITS.versions[-1])


def times_on(day: date, *lines: str) -> list[str]:
    runs = runs_on(timetable(*lines).routes, day, SHANGHAI, RULES, CALENDAR)
    return [stop.planned_at.astimezone(SHANGHAI).strftime("%H:%M") for run in runs for stop in run.stops]


@pytest.mark.parametrize(
    ("day", "weekday"),
    [(FRIDAY, 5), (HOLIDAY, 7), (WORKED_SATURDAY, 5), (WORKED_SUNDAY, 1), (date(2026, 2, 23), 7), (date(2026, 2, 24), 2)],
)
def test_holidays_count_as_sundays_and_worked_weekends_as_the_weekday_beside_them(day: date, weekday: int) -> None:
    assert counts_as(day, CALENDAR) == weekday


def test_a_city_can_take_back_what_the_shipped_calendar_says() -> None:
    own = {HOLIDAY: SpecialDay(day=HOLIDAY, kind=ORDINARY, name_zh="照常", name_en="as usual")}
    assert counts_as(HOLIDAY, CALENDAR | own) == 5


def test_the_shipped_calendar_has_the_days_of_the_notices() -> None:
    kinds = {(day.year, special.kind) for day, special in CALENDAR.items()}
    assert kinds == {(2025, "holiday"), (2025, "workday"), (2026, "holiday"), (2026, "workday")}
    of_2026 = [special.kind for day, special in CALENDAR.items() if day.year == 2026]
    assert (of_2026.count("holiday"), of_2026.count("workday")) == (33, 6)
    assert all(day.isoweekday() > 5 for day, special in CALENDAR.items() if special.kind == "workday")


@pytest.mark.parametrize(
    ("weekdays", "served"),
    [
        ("平日", {FRIDAY, HOLIDAY}),
        ("工作日", {FRIDAY, WORKED_SATURDAY, WORKED_SUNDAY}),
        ("节假日", {HOLIDAY}),
        ("周末", {WORKED_SATURDAY, WORKED_SUNDAY}),
        ("每日", {FRIDAY, HOLIDAY, WORKED_SATURDAY, WORKED_SUNDAY}),
    ],
)
def test_words_of_the_calendar_follow_it_and_names_of_weekdays_do_not(weekdays: str, served: set[date]) -> None:
    days = (FRIDAY, HOLIDAY, WORKED_SATURDAY, WORKED_SUNDAY)
    assert {day for day in days if times_on(day, f"R1,1,S1,a,18:00,120.2,23.0,{weekdays},,,,,")} == served
    assert follows_calendar(weekdays) == (weekdays in {"工作日", "节假日"})


def test_a_column_may_say_that_plain_numbers_follow_the_calendar() -> None:
    line = "R1,1,S1,a,18:00,120.2,23.0,12345,,,,,public"
    assert [times_on(day, line) for day in (HOLIDAY, WORKED_SATURDAY)] == [[], ["18:00"]]


def test_summer_and_winter_have_their_own_times_in_one_file() -> None:
    lines = (
        "R1,1,S1,a,18:00,120.2,23.0,每日,,,2026-11-01,2027-03-31,",
        "R1,1,S1,a,19:30,120.2,23.0,每日,,,2026/4/1,2026年10月31日,",
    )
    assert timetable(*lines).rejected == ()
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 10, 31), date(2026, 11, 1))
    assert [times_on(day, *lines) for day in days] == [[], ["19:30"], ["19:30"], ["18:00"]]


def test_a_stop_may_have_several_windows_a_day_but_not_overlapping_ones() -> None:
    morning, evening = "R1,1,S1,a,07:00,120.2,23.0,每日,06:30,08:30,,,", "R1,1,S1,a,18:30,120.2,23.0,每日,18:00,20:00,,,"
    overlapping = "R1,1,S1,a,08:00,120.2,23.0,每日,08:00,09:30,,,"
    assert times_on(FRIDAY, morning, evening) == ["07:00", "18:30"]
    found = timetable(morning, evening, overlapping)
    assert [(finding.row, finding.code) for finding in found.rejected] == [(3, "overlapping_window")]
    assert found.stop_count + len(found.rejected) == found.row_count


@pytest.mark.parametrize(
    ("season", "code"),
    [("2026-13-01,", "bad_date"), ("next year,", "bad_date"), ("2026-05-01,2026-04-01", "bad_season")],
)
def test_a_season_that_no_calendar_has_is_a_named_rejection(season: str, code: str) -> None:
    [finding] = timetable(f"R1,1,S1,a,18:00,120.2,23.0,每日,,,{season},").rejected
    assert finding.code == code
