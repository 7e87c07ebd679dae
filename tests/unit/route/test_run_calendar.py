import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.route.domain.judging.rules import JudgementRules
from services.route.domain.timetable.calendar import at_second, day_bounds, runs_on
from services.route.domain.timetable.file import parse_timetable
from services.route.domain.timetable.routes import Route
from services.route.rulebooks import IMPORT_LIMITS, JUDGEMENT_RULES
from shared.tables_in.reading import read_table
from shared.versions import RuleBook

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = JUDGEMENT_RULES.versions[-1]
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def routes(*lines: str) -> tuple[Route, ...]:
    header = "route_id,seq,stop_id,name,time,lon,lat,weekdays,window_start,window_end"
    return parse_timetable(read_table("\n".join([header, *lines]), "csv"), {}, IMPORT_LIMITS.versions[-1]).routes


def test_only_routes_with_a_stop_on_that_weekday_run() -> None:
    plan = routes("R1,1,S1,a,18:00,120.2,23.0,一,,", "R2,1,S2,b,18:00,120.2,23.0,二,,")
    assert [planned.run.run_id for planned in runs_on(plan, MONDAY, SHANGHAI, RULES, {})] == ["2026-11-16:R1"]
    assert [planned.run.run_id for planned in runs_on(plan, TUESDAY, SHANGHAI, RULES, {})] == ["2026-11-17:R2"]


def test_a_run_has_only_that_days_stops_of_its_route() -> None:
    plan = routes("R1,1,S1,a,18:00,120.2,23.0,一,,", "R1,2,S2,b,18:05,120.2,23.0,每日,,")
    assert [stop.stop_id for stop in runs_on(plan, TUESDAY, SHANGHAI, RULES, {})[0].stops] == ["2026-11-17:R1:2"]


def test_planning_a_day_twice_gives_the_same_runs() -> None:
    plan = routes("R1,1,S1,a,18:00,120.2,23.0,一,,", "R1,1,S2,b,18:05,120.2,23.1,一,,")
    once = runs_on(plan, MONDAY, SHANGHAI, RULES, {})
    assert once == runs_on(plan, MONDAY, SHANGHAI, RULES, {})
    assert [stop.stop_id for stop in once[0].stops] == ["2026-11-16:R1:1", "2026-11-16:R1:1.2"]


def test_planned_times_are_utc_and_windows_come_from_the_tolerances() -> None:
    stop = runs_on(routes("R1,1,S1,a,18:00,120.2,23.0,一,,"), MONDAY, SHANGHAI, RULES, {})[0].stops[0]
    assert stop.planned_at == datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
    assert stop.window_start == datetime(2026, 11, 16, 9, 50, tzinfo=UTC)
    assert stop.window_end == datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
    assert stop.planned_at.tzinfo is UTC


def test_a_window_in_the_timetable_wins_over_the_tolerances() -> None:
    stop = runs_on(routes("R1,1,S1,a,18:00,120.2,23.0,一,17:30,18:05"), MONDAY, SHANGHAI, RULES, {})[0].stops[0]
    assert stop.window_start == datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    assert stop.window_end == datetime(2026, 11, 16, 10, 5, tzinfo=UTC)


def test_stops_after_midnight_belong_to_the_evening_before() -> None:
    plan = routes("R1,1,S1,a,23:50,120.2,23.0,一,,", "R1,2,S2,b,00:10,120.2,23.0,一,,")
    stops = runs_on(plan, MONDAY, SHANGHAI, RULES, {})[0].stops
    assert [stop.planned_at for stop in stops] == [
        datetime(2026, 11, 16, 15, 50, tzinfo=UTC),
        datetime(2026, 11, 16, 16, 10, tzinfo=UTC),
    ]


def test_a_stop_at_half_past_six_stays_there_on_the_days_clocks_change() -> None:
    new_york = ZoneInfo("America/New_York")
    assert at_second(date(2026, 3, 8), 66_600, new_york) == datetime(2026, 3, 8, 22, 30, tzinfo=UTC)
    assert at_second(date(2026, 3, 7), 66_600, new_york) == datetime(2026, 3, 7, 23, 30, tzinfo=UTC)
    assert at_second(date(2026, 11, 1), 86_400 + 600, new_york) == datetime(2026, 11, 2, 5, 10, tzinfo=UTC)


def test_a_local_day_is_bounded_by_its_midnights() -> None:
    begin, end = day_bounds(MONDAY, SHANGHAI)
    assert (begin, end) == (datetime(2026, 11, 15, 16, tzinfo=UTC), datetime(2026, 11, 16, 16, tzinfo=UTC))


def version(valid_from: str, late_minutes: float) -> dict[str, object]:
    names = JudgementRules.__dataclass_fields__
    numbers: dict[str, object] = dict.fromkeys(names, 1)
    return {**numbers, "valid_from": valid_from, "source": "test", "late_minutes": late_minutes}


def test_the_version_valid_on_the_day_is_in_force(tmp_path: Path) -> None:
    file = tmp_path / "judgement_rules.json"
    file.write_text(json.dumps({"versions": [version("2026-06-01", 20), version("2026-01-01", 30)]}))
    book = RuleBook(file, JudgementRules)
    assert book.on(date(2026, 5, 31)).late_minutes == 30
    assert book.on(date(2026, 6, 1)).late_minutes == 20
    assert book.on(date(2020, 1, 1)).late_minutes == 30


def test_a_data_file_with_a_missing_or_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="missing or unknown colour"):
        JudgementRules.from_json({**dict.fromkeys(JudgementRules.__dataclass_fields__, 1), "colour": 1})
