"""Limits, working hours and colours, by literal moments in Shanghai."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.complaint import rulebooks
from services.complaint.domain import clocks
from services.complaint.domain.clocks import Clock, Limit, LimitRule
from services.complaint.domain.hours import Hours, advance, counted
from shared.public_calendar import public_calendar
from shared.vocabulary import ClockColour, ClockKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = rulebooks.CLOCK_RULES.at(datetime(2026, 11, 16, tzinfo=UTC))
WORKING = clocks.hours_of(RULES, True, SHANGHAI, public_calendar())
NATURAL = clocks.hours_of(RULES, False, SHANGHAI, public_calendar())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16 09:00", 1, "2026-11-16 10:00"),
        ("2026-11-16 10:30", 2, "2026-11-16 14:30"),  # over noon
        ("2026-11-16 16:00", 2, "2026-11-17 10:00"),  # over night
        ("2026-11-20 16:00", 2, "2026-11-23 10:00"),  # over the weekend
        ("2026-11-21 12:00", 1, "2026-11-23 10:00"),  # begins on a Saturday
        ("2026-09-30 16:30", 1, "2026-10-08 09:30"),  # over National Day
        ("2026-10-10 09:00", 6, "2026-10-10 17:00"),  # a Saturday that is worked
        ("2026-11-16 11:30", 1, "2026-11-16 14:30"),  # begins as noon does
        ("2026-11-16 13:30", 3.5, "2026-11-16 17:00"),  # ends with the day, not on the next
    ],
)
def test_working_hours_pass_over_nights_weekends_and_holidays(start: str, hours: float, end: str) -> None:
    assert advance(local(start), round(hours * 3600), WORKING) == local(end)
    assert counted(local(start), local(end), WORKING) == hours * 3600


def test_natural_hours_never_stand_still() -> None:
    start = local("2026-10-01 03:00")
    assert advance(start, 3600 * 24, NATURAL) == start + timedelta(days=1)
    assert counted(start, start + timedelta(days=9), NATURAL) == 9 * 86_400


def test_a_work_day_is_as_long_as_its_working_hours() -> None:
    assert clocks.seconds_of(RULES, 5, "work_days") == 5 * 6 * 3600
    assert WORKING.day_seconds == 6 * 3600
    assert NATURAL.day_seconds == 86_400


@pytest.mark.parametrize(
    ("category", "urgency", "seconds", "working"),
    [
        ("other", "general", 5 * 6 * 3600, True),
        ("other", "emergency", 2 * 3600, False),
        ("bin_overflow", "general", 4 * 3600, True),
        ("bin_overflow", "emergency", 4 * 3600, True),  # the category says more than the urgency
        ("consultation", "general", 6 * 3600, True),
    ],
)
def test_the_most_special_limit_holds(category: str, urgency: str, seconds: int, working: bool) -> None:
    assert clocks.limit_of(RULES, ClockKind.RESOLVE, category, "310104", urgency) == Limit(seconds, working)


def test_a_districts_own_limit_beats_the_citys() -> None:
    from dataclasses import replace

    own = LimitRule(clock=ClockKind.RESOLVE, category=None, district="310104", urgency=None, amount=1, unit="hours")
    rules = replace(RULES, limits=[*RULES.limits, own])
    assert clocks.limit_of(rules, ClockKind.RESOLVE, "bin_overflow", "310104003", "general") == Limit(3600, False)
    assert clocks.limit_of(rules, ClockKind.RESOLVE, "bin_overflow", "310112", "general") == Limit(4 * 3600, True)


def a_clock(start: str, hours: float, working: bool = True) -> Clock:
    return Clock(kind=ClockKind.RESOLVE, round=1, started_at=local(start), limit=Limit(round(hours * 3600), working))


def test_a_clock_turns_yellow_at_four_fifths_and_red_beyond_the_whole() -> None:
    clock = a_clock("2026-11-16 09:00", 5)
    yellow, due = clocks.yellow_at(clock, RULES, WORKING), clocks.due_at(clock, WORKING)
    assert (yellow, due) == (local("2026-11-16 15:00"), local("2026-11-16 16:00"))
    shown = [clocks.colour_at(at, yellow, due) for at in (yellow - timedelta(seconds=1), yellow, due, due + timedelta(seconds=1))]
    assert shown == [ClockColour.GREEN, ClockColour.YELLOW, ClockColour.YELLOW, ClockColour.RED]
    assert clocks.colour_at(due + timedelta(days=9), yellow, due, stopped_at=due) == ClockColour.YELLOW


def test_an_extension_pauses_from_when_it_begins_and_the_next_one_after_it() -> None:
    clock = a_clock("2026-11-16 09:00", 4)
    once = clocks.paused(clock, local("2026-11-16 10:00"), 3600, WORKING)
    assert clocks.shown_seconds(once, local("2026-11-16 10:30"), WORKING) == 3600
    assert clocks.shown_seconds(once, local("2026-11-16 11:30"), WORKING) == 1.5 * 3600
    assert clocks.due_at(once, WORKING) == local("2026-11-16 16:00")
    twice = clocks.paused(once, local("2026-11-16 10:30"), 3600, WORKING)
    assert twice.pauses[1].begin == local("2026-11-16 11:00")
    assert clocks.due_at(twice, WORKING) == local("2026-11-16 17:00")


def test_an_overdue_case_climbs_level_by_level() -> None:
    due = local("2026-11-16 16:00")
    levels = [clocks.level_at(due + timedelta(hours=h), due, RULES.escalations) for h in (-1, 0, 0.1, 24, 25, 72, 73)]
    assert levels == [0, 0, 1, 1, 2, 2, 3]


def test_no_working_day_for_years_is_an_error_not_an_endless_search() -> None:
    from datetime import date

    from shared.calendar import HOLIDAY, SpecialDay

    days = (date(2026, 11, 16) + timedelta(days=n) for n in range(5000))
    never = {day: SpecialDay(day=day, kind=HOLIDAY, name_zh="", name_en="") for day in days}
    hours = Hours(zone=SHANGHAI, spans=WORKING.spans, calendar=never)
    with pytest.raises(OverflowError):
        advance(local("2026-11-16 09:00"), 60, hours)
