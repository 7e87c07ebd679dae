from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.simulator.demo import streets as demo_streets
from services.simulator.devices.driving import drive_day
from services.simulator.devices.motion import Plane, apart_m
from services.simulator.devices.sweeping import LEAST_PART, MOST_PART, way_along
from services.simulator.scenarios.disturbances import choose, disturbed_day
from services.simulator.scenarios.truth import truth_of
from tests.unit.simulator.cities import MORNING

LINES = {
    feature["properties"]["section_id"]: feature["geometry"]["coordinates"]
    for feature in demo_streets.section_import()["content"]["features"]
}


def sweeping_runs(vehicle_id: str = "DEMO-S01") -> list[dict[str, Any]]:
    """As GET /v1/runs/{run_id} answers them."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in demo_streets.timetable_rows():
        if row["vehicle_id"] == vehicle_id:
            rows.setdefault(row["route_id"], []).append(row)
    return [{"run_id": route, "task": of[0]["task"], "stops": [_stop(row) for row in of]} for route, of in rows.items()]


def _stop(row: dict[str, Any]) -> dict[str, Any]:
    hour, minute = row["time"].split(":")
    planned, line = MORNING.replace(hour=int(hour), minute=int(minute)), LINES[row["section_id"]]
    lon, lat = line[len(line) // 2]
    return {
        "stop_id": f"{row['route_id']}:{row['seq']}",
        "seq": row["seq"],
        "lon": lon,
        "lat": lat,
        "line": line,
        "planned_at": planned.isoformat(),
        "window_start": (planned - timedelta(minutes=10)).isoformat(),
        "window_end": (planned + timedelta(minutes=30)).isoformat(),
    }


def test_a_sweeper_keeps_its_timetable_and_creeps_along_every_section() -> None:
    day = drive_day("DEMO-S01", sweeping_runs(), seed=1)
    assert Counter(truth.verdict for truth in truth_of(day)) == {"collected": 7 * 3}
    creeping_m = sum(
        apart_m(day.plane.place(before["lon"], before["lat"]), day.plane.place(after["lon"], after["lat"]))
        for before, after in pairwise(record for record in day.records(10) if record["kind"] == "position")
        if 7 < before["speed_kmh"] < 9
    )
    length_m = sum(apart_m(*(day.plane.place(*end) for end in (stop.line[0], stop.line[-1]))) for stop in day.stops)
    assert creeping_m == pytest.approx(length_m, rel=0.1)


def test_some_sections_are_passed_by_or_only_begun_and_the_truth_says_which() -> None:
    reasons: Counter[tuple[str, str]] = Counter()
    for seed in range(12):
        day = disturbed_day("DEMO-S02", sweeping_runs("DEMO-S02"), seed=seed)
        reasons += Counter((truth.verdict, truth.reason) for truth in truth_of(day))
    assert reasons["missed", "passed by"] > 3
    assert reasons["missed", "only a part"] > 3
    assert not any(disturbance.shift_seconds for disturbance in choose("DEMO-S02", sweeping_runs("DEMO-S02"), 3).runs.values())


def test_a_part_is_too_little_for_anybody_to_take_it_for_the_whole() -> None:
    assert 0.2 < LEAST_PART < MOST_PART < 0.6


def test_the_way_along_a_section_begins_at_its_nearer_end() -> None:
    stop = drive_day("DEMO-S01", sweeping_runs(), seed=1).stops[0]
    plane = Plane(*stop.line[0])
    here, there = plane.place(*stop.line[0]), plane.place(*stop.line[-1])
    assert way_along(plane, stop, here)[0] == here
    assert way_along(plane, stop, there)[0] == there
    half = way_along(plane, stop, there, 0.5)
    assert sum(apart_m(*ends) for ends in pairwise(half)) == pytest.approx(apart_m(here, there) / 2, rel=1e-3)


def test_sections_are_streets_of_some_length_and_say_that_they_are_synthetic() -> None:
    features = demo_streets.section_import()["content"]["features"]
    assert len(features) == 27
    assert all("演示" in feature["properties"]["name"] for feature in features)
    assert Counter(feature["properties"]["road_level"] for feature in features) == {1: 9, 2: 9, 3: 9}
    assert {row["section_id"] for row in demo_streets.timetable_rows()} == set(LINES)
