from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from services.simulator.devices.day import RunDisturbance, VehicleDay, VehicleDisturbance, rfc3339
from services.simulator.devices.driving import drive_day
from services.simulator.devices.motion import apart_m
from services.simulator.scenarios.disturbances import choose, confusable_runs, disturbed_day, settle, silent_vehicle
from services.simulator.scenarios.truth import truth_of
from tests.unit.simulator.cities import run, stop, straight_run

SEEDS = (1, 7, 42)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_day_to_the_last_record(seed: int) -> None:
    one = disturbed_day("T-1", [straight_run()], seed=seed)
    other = disturbed_day("T-1", [straight_run()], seed=seed)
    assert one.records(10) == other.records(10)
    assert truth_of(one) == truth_of(other)


def test_another_seed_gives_another_day() -> None:
    assert drive_day("T-1", [straight_run()], seed=1).records(10) != drive_day("T-1", [straight_run()], seed=2).records(10)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("interval", [1, 10, 30])
def test_no_two_fixes_imply_more_than_90_km_per_hour(seed: int, interval: int) -> None:
    day = disturbed_day("T-1", [straight_run(12, minutes_apart=2, metres_apart=900)], seed=seed)
    for before, after in pairwise(_positions(day, interval)):
        assert _kmh_between(day, before, after) <= 90
        assert after["speed_kmh"] <= 45.1


def test_the_reported_place_is_never_more_than_6_m_off() -> None:
    day = drive_day("T-1", [straight_run()], seed=3)
    segments = [segment for segment in day.segments if segment.end_s - segment.start_s < 1000]
    for segment in segments:
        for at_s in range(segment.start_s, segment.end_s, 7):
            true = segment.at(at_s).place
            assert apart_m(true, day.gps_error.shifted(true, at_s)) <= 6


def test_the_odometer_counts_what_is_driven_and_never_turns_back() -> None:
    day = drive_day("T-1", [straight_run(5)], seed=3)
    odometer_km = [record["odometer_km"] for record in _positions(day, 5)]
    assert odometer_km == sorted(odometer_km)
    assert 2 < odometer_km[-1] - odometer_km[0] < 9


def test_a_truck_with_time_serves_each_stop_about_when_it_is_planned() -> None:
    day = drive_day("T-1", [straight_run(8, minutes_apart=6)], seed=5)
    for visit in day.visits:
        assert abs(visit.arrive_s - visit.stops[0].planned_s) <= 60
        assert 40 <= visit.depart_s - visit.arrive_s <= 90
    assert {truth.verdict for truth in truth_of(day)} == {"collected"}


def test_a_truck_stands_still_at_the_stop_it_serves() -> None:
    day = drive_day("T-1", [straight_run(3)], seed=5)
    for visit in day.visits:
        fixes = [fix for fix in _positions(day, 10) if visit.arrive_s <= _epoch(fix) < visit.depart_s]
        assert len(fixes) >= 4
        assert {fix["speed_kmh"] for fix in fixes} == {0.0}


def test_a_timetable_too_tight_for_45_km_per_hour_makes_the_truck_late_instead_of_fast() -> None:
    day = drive_day("T-1", [straight_run(25, minutes_apart=1, metres_apart=1500)], seed=5)
    verdicts = [truth.verdict for truth in truth_of(day)]
    assert verdicts[0] == "collected"
    assert verdicts[-1] == "late"
    assert {truth.reason for truth in truth_of(day) if truth.verdict == "late"} == {"tight timetable"}


def test_stops_at_one_place_and_time_are_served_by_standing_once() -> None:
    twins = run([stop(1, 10, north_m=0), stop(2, 14, north_m=8), stop(3, 30, north_m=900)])
    day = drive_day("T-1", [twins], seed=5)
    assert [[served.stop_id for served in visit.stops] for visit in day.visits] == [["R-1-S01", "R-1-S02"], ["R-1-S03"]]


def test_no_service_lies_near_an_edge_of_its_window() -> None:
    for shift_minutes in range(-12, 40):
        disturbance = VehicleDisturbance(runs={"R-1": RunDisturbance(shift_seconds=shift_minutes * 60)})
        day = drive_day("T-1", [straight_run(3)], seed=5, disturbance=disturbance)
        for visit in day.visits:
            for served in visit.stops:
                for edge_s in (served.window_start_s, served.window_end_s):
                    assert not visit.arrive_s - 149 < edge_s < visit.depart_s + 149


def test_the_load_is_what_was_lifted_until_it_is_unloaded() -> None:
    day = drive_day("T-1", [straight_run(4)], seed=5)
    lifted_kg, unloaded = 0, False
    for record in day.records(60):
        if record["kind"] == "bin_lift":
            assert record["gross_kg"] - record["tare_kg"] == record["net_kg"]
            lifted_kg += record["net_kg"]
        elif record["kind"] == "load":
            unloaded = unloaded or record["load_kg"] == 0
            assert record["load_kg"] == (0 if unloaded else lifted_kg)
    assert lifted_kg > 0
    assert unloaded


def test_every_record_has_a_key_of_its_own() -> None:
    day = disturbed_day("T-1", [straight_run(20)], seed=5)
    keys = [(r["kind"], r["at"], r.get("side"), r.get("tag"), r.get("code")) for r in day.records(1)]
    assert len(keys) == len(set(keys))


def test_records_of_two_periods_are_those_of_the_whole() -> None:
    day = drive_day("T-1", [straight_run(4)], seed=5)
    middle = day.visits[1].arrive_s + 3
    assert day.records(10) == day.records(10, to_s=middle) + day.records(10, from_s=middle)


# --- disturbances


def test_a_stop_missed_on_purpose_is_passed_without_standing_near_it() -> None:
    day = _with(RunDisturbance(missed=frozenset({"R-1-S03"})))
    missed = day.plane.place(day.stops[2].lon, day.stops[2].lat)
    near = [r for r in _positions(day, 1) if apart_m(day.plane.place(r["lon"], r["lat"]), missed) < 60]
    assert near
    assert min(fix["speed_kmh"] for fix in near) > 10
    assert [truth.verdict for truth in truth_of(day)].count("missed") == 1


def test_after_a_breakdown_nothing_is_served_and_the_unit_goes_on_sending() -> None:
    day = _with(RunDisturbance(breakdown_after=3))
    truths = truth_of(day)
    assert [truth.verdict for truth in truths] == ["collected"] * 3 + ["excepted"] * 5
    assert {truth.reason for truth in truths[3:]} == {"breakdown"}
    assert _positions(day, 10)[-1]["at"] > rfc3339(day.stops[-1].window_end_s + 3600)
    assert [r["code"] for r in day.records(60) if r["kind"] == "driver_report"] == ["breakdown"]


def test_a_late_run_is_late_at_every_stop_and_an_early_one_early() -> None:
    assert {truth.verdict for truth in truth_of(_with(RunDisturbance(shift_seconds=2400)))} == {"late"}
    assert {truth.verdict for truth in truth_of(_with(RunDisturbance(shift_seconds=-1200)))} == {"early"}


def test_a_stop_that_another_standing_could_be_taken_for_is_not_missed_on_purpose() -> None:
    close = run([stop(1, 10, north_m=0), stop(2, 20, north_m=50), stop(3, 30, north_m=900)])
    wanted = VehicleDisturbance(runs={"R-1": RunDisturbance(missed=frozenset({"R-1-S02"}))})
    assert confusable_runs(drive_day("T-1", [close], seed=5, disturbance=wanted)) == {"R-1"}
    assert {truth.verdict for truth in truth_of(settle("T-1", [close], wanted, seed=5))} == {"collected"}


def test_a_round_that_comes_back_after_hours_may_miss_a_stop_only_if_nothing_else_happens_there() -> None:
    rounds = [straight_run(4), straight_run(4, begin_minute=180, run_id="R-2")]
    wanted = VehicleDisturbance(runs={"R-2": RunDisturbance(missed=frozenset({"R-2-S03"}))})
    assert not settle("T-1", rounds, wanted, seed=5).disturbance.runs


def test_a_silent_truck_leaves_everything_unknown() -> None:
    day = settle("T-1", [straight_run(3)], VehicleDisturbance(silent=True), seed=5)
    assert {(truth.verdict, truth.served_at) for truth in truth_of(day)} == {("unknown", None)}


def test_a_clock_that_is_ahead_stamps_all_records_and_the_truth_alike() -> None:
    right = drive_day("T-1", [straight_run(3)], seed=5)
    ahead = drive_day("T-1", [straight_run(3)], seed=5, disturbance=VehicleDisturbance(clock_ahead_seconds=420))
    assert _epoch(ahead.records(10)[0]) - _epoch(right.records(10)[0]) == 420
    lifts = [record["at"] for record in ahead.records(10) if record["kind"] == "bin_lift"]
    served_at = truth_of(ahead)[0].served_at
    assert served_at is not None
    assert served_at < lifts[0] < rfc3339(int(datetime.fromisoformat(served_at).timestamp()) + 90)


def test_a_large_fleet_meets_every_disturbance() -> None:
    days = [choose(f"T-{n}", [straight_run(8), straight_run(8, begin_minute=700, run_id="R-2")], 1) for n in range(200)]
    runs = [disturbance for day in days for disturbance in day.runs.values()]
    assert any(one.shift_seconds > 0 for one in runs)
    assert any(one.shift_seconds < 0 for one in runs)
    assert any(one.missed for one in runs)
    assert any(one.breakdown_after for one in runs)
    assert any(day.signal_losses and day.shuffled for day in days)
    assert any(day.signal_losses and not day.shuffled for day in days)
    assert any(day.repeats for day in days)
    assert any(day.clock_ahead_seconds for day in days)


def test_only_a_fleet_of_some_size_has_a_silent_truck() -> None:
    assert silent_vehicle(["T-1", "T-2"], seed=1) is None
    assert silent_vehicle([f"T-{n}" for n in range(9)], seed=1) == silent_vehicle([f"T-{n}" for n in range(9)], seed=1)


def _with(disturbance: RunDisturbance) -> VehicleDay:
    wanted = VehicleDisturbance(runs={"R-1": disturbance})
    day = settle("T-1", [straight_run(8)], wanted, seed=5)
    assert day.disturbance == wanted
    return day


def _positions(day: VehicleDay, interval_seconds: int) -> list[dict[str, Any]]:
    return [record for record in day.records(interval_seconds) if record["kind"] == "position"]


def _kmh_between(day: VehicleDay, before: dict[str, Any], after: dict[str, Any]) -> float:
    metres = apart_m(day.plane.place(before["lon"], before["lat"]), day.plane.place(after["lon"], after["lat"]))
    return metres / (_epoch(after) - _epoch(before)) * 3.6


def _epoch(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["at"]).timestamp()
