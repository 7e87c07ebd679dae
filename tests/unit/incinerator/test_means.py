"""Means by the standards' validity rules, exceedances, and times that are left out: literal values."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.incinerator import rulebooks
from services.incinerator.domain.exceedances import Exceedance, Limit, furnace_day, judge, limits_at
from services.incinerator.domain.line_day import Reading, Spacing, means_of_day
from services.incinerator.domain.marks import Interval, Mark, condition_at, exempt_intervals
from services.incinerator.domain.means import Mean, Period, Sent, State, converted, sample
from shared.vocabulary import ExceedanceKind, Measured, OperatingCondition

DAY = datetime(2026, 11, 15, 16, tzinfo=UTC)  # 00:00 of the 16th in Shanghai
END = DAY + timedelta(days=1)
RULES = rulebooks.MEAN_RULES.at(DAY)
LIMITS = rulebooks.emission_limits()
SPACING = Spacing(minute_s=600, realtime_s=60)
SO2, OXYGEN, FURNACE = Measured.SO2, Measured.OXYGEN, Measured.FURNACE_TEMPERATURE


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def hour(n: int, value: float, flag: str = "N") -> Reading:
    return Reading(SO2, Sent.HOUR, at(60 * n), {"ZsAvg": str(value), "Flag": flag})


def minute(minutes: float, value: float, flag: str = "N") -> Reading:
    return Reading(SO2, Sent.MINUTE, at(minutes), {"ZsAvg": str(value), "Flag": flag})


def cold(minutes: float, value: float = 849.9, flag: str = "N") -> Reading:
    return Reading(FURNACE, Sent.FURNACE, at(minutes), {"Avg": str(value), "Flag": flag})


def means(readings: Iterable[Reading], exempt: Iterable[Interval] = (), spacing: Spacing = SPACING) -> list[Mean]:
    return means_of_day(readings, spacing, list(exempt), DAY, END, RULES)


def judged(found: list[Mean], limits: Iterable[Limit]) -> list[Exceedance]:
    in_force = limits_at(limits, DAY)
    return judge([*found, *furnace_day(found, in_force, DAY)], in_force, END)


def day_of(found: list[Mean]) -> Mean:
    [day] = [mean for mean in found if mean.period is Period.DAILY]
    return day


def test_raw_values_are_converted_to_eleven_percent_oxygen() -> None:
    assert converted(18.4, 9.93, RULES) == pytest.approx(16.62, abs=0.01)
    assert converted(50.5467, 14.913, RULES) == pytest.approx(83.04, abs=0.01)
    assert converted(10, 21, RULES) is None
    assert converted(10, None, RULES) is None


def test_the_oxygen_of_the_same_moment_converts_and_its_fault_makes_the_value_invalid() -> None:
    raw = {"Rtd": "18.4", "Flag": "N"}
    good = sample(SO2, Sent.REALTIME, DAY, raw, {"Rtd": "9.93", "Flag": "N"}, RULES)
    assert good is not None
    assert (round(good.value, 2), good.valid) == (16.62, True)
    for oxygen in (None, {"Rtd": "9.93", "Flag": "D"}, {"Rtd": "21.5", "Flag": "N"}):
        made = sample(SO2, Sent.REALTIME, DAY, raw, oxygen, RULES)
        assert made is not None
        assert not made.valid


@pytest.mark.parametrize("text", ["", "nan", "inf", "n/a", "--"])
def test_what_is_no_number_is_no_sample(text: str) -> None:
    assert sample(SO2, Sent.HOUR, DAY, {"ZsAvg": text}, None, RULES) is None


@pytest.mark.parametrize("flag", list("FMSDCTB"))
def test_only_the_mark_n_is_valid(flag: str) -> None:
    assert {m.state for m in means([hour(0, 10, flag)])} == {State.INVALID}


def test_an_hour_needs_forty_five_minutes_of_minute_data() -> None:
    five = [minute(10 * n, 10 + n) for n in range(5)]
    [mean, day] = means(five)
    assert (mean.value, mean.state, mean.source, mean.covered) == (12, State.VALID, "minute", 50)
    assert (day.state, day.covered) == (State.INVALID, 1)
    assert means(five[:4])[0].state is State.INVALID
    assert means([*five[:4], minute(40, 14, "D")])[0].state is State.INVALID


def test_real_time_data_stands_in_where_the_logger_sends_no_means() -> None:
    def readings(count: int) -> list[Reading]:
        return [Reading(SO2, Sent.REALTIME, at(n), {"ZsRtd": "30", "Flag": "N"}) for n in range(count)]

    assert means(readings(45))[0].state is State.VALID
    assert means(readings(44))[0].state is State.INVALID
    twice = [Reading(SO2, Sent.REALTIME, at(n / 2), {"ZsRtd": "30", "Flag": "N"}) for n in range(60)]
    assert means(twice)[0].covered == 30, "two samples in a minute stand for that minute only"


def test_the_logger_s_own_hour_goes_before_its_minutes() -> None:
    [mean, _] = means([hour(0, 77), *(minute(10 * n, 10) for n in range(6))])
    assert (mean.value, mean.source) == (77, "logger")


def test_a_day_needs_twenty_valid_hours() -> None:
    assert day_of(means(hour(n, 20) for n in range(20))).state is State.VALID
    assert day_of(means(hour(n, 20) for n in range(19))).state is State.INVALID
    assert day_of(means([hour(n, 20) for n in range(19)] + [hour(19, 20, "M")])).state is State.INVALID


def test_an_hour_over_its_limit_and_a_day_over_its_own_are_exceedances() -> None:
    found = judged(means(hour(n, 101 if n == 3 else 80) for n in range(24)), LIMITS)
    assert [(e.kind, e.value, e.limit) for e in found if e.kind is ExceedanceKind.HOURLY] == [(ExceedanceKind.HOURLY, 101, 100)]
    [daily] = [e for e in found if e.kind is ExceedanceKind.DAILY]
    assert (daily.value, daily.limit, daily.pollutant) == (pytest.approx(80.875), 80, SO2)
    assert judged(means(hour(n, 80) for n in range(24)), LIMITS) == [], "at the limit is within it"


def test_a_stricter_limit_of_the_plant_wins_and_a_laxer_one_changes_nothing() -> None:
    def own(limit: float) -> Limit:
        return Limit(SO2, Period.HOURLY, limit, "mg/m³", "local", DAY)

    assert [e.limit for e in judged(means([hour(1, 40)]), [*LIMITS, own(30)])] == [30]
    assert judged(means([hour(1, 40)]), [*LIMITS, own(500)]) == []
    assert limits_at([own(30)], DAY - timedelta(days=1)) == {}


def test_more_than_five_cold_five_minute_means_in_a_day_are_a_violation() -> None:
    assert judged(means(cold(5 * n) for n in range(5)), LIMITS) == []
    [found] = judged(means([*(cold(200 * n) for n in range(6)), cold(30, 850)]), LIMITS)
    assert (found.kind, found.value, found.limit, found.pollutant) == (ExceedanceKind.FURNACE_TEMPERATURE, 6, 5, None)
    six = [cold(5 * n, flag="D" if n == 0 else "N") for n in range(6)]
    assert judged(means(six), LIMITS) == [], "a faulty thermocouple proves nothing"


def test_five_minute_means_are_built_from_minute_data_where_the_logger_sends_none() -> None:
    readings = [Reading(FURNACE, Sent.MINUTE, at(n), {"Avg": "840", "Flag": "N"}) for n in range(30)]
    found = means(readings, spacing=Spacing(minute_s=60, realtime_s=60))
    assert [(m.period, m.value, m.state) for m in found] == [(Period.FIVE_MINUTE, 840, State.VALID)] * 6
    assert means(readings) == [], "ten-minute means say nothing of five minutes"


def test_marked_times_are_left_out() -> None:
    start_up = [Interval(at(0), at(120))]
    readings = [*(hour(n, 200 if n < 2 else 20) for n in range(24)), *(cold(5 * n) for n in range(24))]
    found = means(readings, start_up)
    assert [m.state for m in found if m.period is Period.HOURLY][:3] == [State.EXEMPT, State.EXEMPT, State.VALID]
    assert judged(found, LIMITS) == []
    assert len(judged(means(readings), LIMITS)) == 3, "without the mark: two hours and the furnace"


def test_of_an_hour_that_is_partly_marked_the_rest_counts_if_it_is_enough() -> None:
    readings = [Reading(SO2, Sent.MINUTE, at(n), {"ZsAvg": "500" if n < 15 else "110", "Flag": "N"}) for n in range(60)]
    fine = Spacing(minute_s=60, realtime_s=60)
    [mean, _] = means(readings, [Interval(at(0), at(15))], fine)
    assert (mean.value, mean.state) == (110, State.VALID)
    assert means(readings, [Interval(at(0), at(16))], fine)[0].state is State.EXEMPT


def test_a_later_mark_paints_over_an_earlier_one() -> None:
    stopped = Mark(at(0), None, OperatingCondition.STOPPED)
    corrected = Mark(at(60), at(120), OperatingCondition.NORMAL)
    marks = [stopped, corrected]
    states = [condition_at(marks, at(n)) for n in (-1, 0, 60, 119, 120)]
    assert [s.value for s in states] == ["normal", "stopped", "normal", "normal", "stopped"]
    exempt = exempt_intervals(marks, rulebooks.OPERATING_MARKS.at(DAY).exempting, at(30), at(200))
    assert exempt == [Interval(at(30), at(60)), Interval(at(120), at(200))]


MIXED = [*(hour(n, 10 * n) for n in range(24)), *(cold(5 * n) for n in range(8)), *(minute(10 * n, 7) for n in range(9))]


@given(st.permutations(MIXED))
def test_the_order_of_arrival_changes_nothing(readings: list[Reading]) -> None:
    ordered = sorted(readings, key=lambda r: (r.measured, r.kind, r.at))
    assert means(readings) == means(ordered)
