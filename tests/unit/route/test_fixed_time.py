"""Fixed-time fixed-point collection: the truck waits through the window, 18:00 to 20:00."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.route.domain.places import FIXED_TIME, PlannedStop
from services.route.domain.timetable.file import parse_timetable
from services.route.rulebooks import IMPORT_LIMITS
from shared.tables_in.reading import read_table
from tests.unit.route.test_stop_verdicts import NIGHT, at, fix, judged, stop


def point() -> PlannedStop:
    return replace(stop("A"), mode=FIXED_TIME, window_start=at(0), window_end=at(120))


def waiting(begin: float, end: float) -> list:  # type: ignore[type-arg]
    return [fix(minute) for minute in range(int(begin), int(end) + 1)]


@pytest.mark.parametrize(
    ("begin", "end", "verdict"),
    [
        (0, 120, "collected"),
        (-30, 150, "collected"),
        (5, 115, "collected"),
        (6, 120, "late"),
        (0, 114, "early"),
        (100, 300, "late"),
    ],
)
def test_it_is_collected_if_the_truck_came_in_time_and_stayed(begin: int, end: int, verdict: str) -> None:
    assert judged([point()], waiting(begin, end))["A"].verdict == verdict


def test_while_the_truck_waits_nothing_is_decided_yet() -> None:
    answer = judged([point()], waiting(0, 60), known_until=at(60), now=at(61))["A"]
    assert (answer.verdict, answer.served_at) == ("planned", None)


def test_a_truck_that_falls_silent_while_waiting_leaves_a_doubt_which_later_data_settles() -> None:
    def later(known_until: datetime) -> str:
        return judged([point()], waiting(0, 60), known_until=known_until, now=NIGHT)["A"].verdict

    assert (later(at(60)), later(at(119))) == ("unknown", "early")
    assert judged([point()], waiting(0, 120), known_until=at(120), now=NIGHT)["A"].verdict == "collected"


def test_a_point_nobody_came_to_is_missed() -> None:
    assert judged([point()])["A"].verdict == "missed"


HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays,window_start,window_end,mode"


@pytest.mark.parametrize(
    ("windows_and_mode", "mode", "codes"),
    [
        ("18:00,20:00,定时定点", "fixed_time", []),
        ("18:00,20:00,", "passing", []),
        (",,定时定点", None, ["window_needed"]),
        (",,teleport", None, ["unknown_mode"]),
    ],
)
def test_a_timetable_says_how_a_point_is_served(windows_and_mode: str, mode: str | None, codes: list[str]) -> None:
    line = f"R1,1,S1,a,18:00,120.2,23.0,每日,{windows_and_mode}"
    found = parse_timetable(read_table(f"{HEADER}\n{line}", "csv"), {}, IMPORT_LIMITS.versions[-1])
    assert [finding.code for finding in found.rejected] == codes
    assert [stop.mode for route in found.routes for stop in route.stops] == ([mode] if mode else [])
