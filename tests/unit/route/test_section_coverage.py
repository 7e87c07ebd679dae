"""A street of 500 m runs north from (LON, LAT). One pass is planned at 18:00, its window is 17:50 to 18:30."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.coverage.lines import Lines, length_m, metres_from, midpoint
from services.route.domain.coverage.passes import joined, metres
from services.route.domain.coverage.rules import Section
from services.route.domain.judging.facts import Lift, Observation, Report
from services.route.domain.judging.findings import Evidence, Gap, Judgement
from services.route.domain.places import COVERAGE, PlannedStop
from services.route.rulebooks import SWEEPING_RULES
from tests.unit.route.vehicle_days import judge

SWEEPING = SWEEPING_RULES.versions[-1]
EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
NIGHT = EVENING + timedelta(hours=12)
LON, LAT = 121.4365, 31.1885
METRE = 1 / 111_195  # degrees of latitude
METRE_EAST = METRE / cos(radians(LAT))
NORTH, SOUTH, EAST = 0.0, 180.0, 90.0
Line = Sequence[tuple[float, float]]
STREET = ((LON, LAT), (LON, LAT + 500 * METRE))


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def a_pass(name: str = "P", minutes: float = 0, line: Line = STREET, task: str = "sweeping") -> PlannedStop:
    lon, lat = midpoint(line)
    return PlannedStop(
        stop_id=name,
        service_point_id="SEC-1",
        lon=lon,
        lat=lat,
        planned_at=at(minutes),
        window_start=at(minutes - 10),
        window_end=at(minutes + 30),
        mode=COVERAGE,
        section=Section(task, tuple(line), SWEEPING.coverage[task]),
    )


def fix(
    minutes: float, north_m: float, east_m: float = 0, speed_kmh: float | None = 8, heading: float | None = NORTH
) -> Observation:
    return Observation(at(minutes), LON + east_m * METRE_EAST, LAT + north_m * METRE, speed_kmh, heading)


def drive(
    minutes: float = 0,
    begin_m: float = 0,
    end_m: float = 500,
    *,
    speed_kmh: float = 8,
    every: float = 5,
    east_m: float = 0,
    speed: bool = True,
    heading: bool = True,
) -> list[Observation]:
    """Along the street from one place to another, a fix every so many seconds and one at the end."""
    seconds = abs(end_m - begin_m) / (speed_kmh / 3.6)
    times = [n * every for n in range(int(seconds / every) + 1)] + [seconds]
    ways = [begin_m + (end_m - begin_m) * second / seconds for second in times]
    degrees = (NORTH if end_m > begin_m else SOUTH) if heading else None
    told_kmh = speed_kmh if speed else None
    return [fix(minutes + s / 60, way, east_m, told_kmh, degrees) for s, way in zip(times, ways, strict=True)]


def judged(
    stops: Sequence[PlannedStop],
    fixes: Sequence[Observation] = (),
    lifts: Sequence[Lift] = (),
    reports: Sequence[Report] = (),
    known_until: datetime | None = NIGHT,
    now: datetime = NIGHT,
) -> dict[str, Judgement]:
    found = judge(stops, fixes, lifts, reports, known_until=known_until, now=now)
    return {judgement.stop_id: judgement for judgement in found}


def verdict(fixes: Sequence[Observation], line: Line = STREET) -> str:
    return judged([a_pass(line=line)], fixes)["P"].verdict


def evidence(fixes: Sequence[Observation]) -> Evidence:
    found = judged([a_pass()], fixes)["P"].evidence
    assert found is not None
    return found


# --- what covers


@pytest.mark.parametrize("every", [1, 5, 10, 30])
@pytest.mark.parametrize("heading", [True, False])
@pytest.mark.parametrize("speed", [True, False])
def test_a_truck_that_works_its_way_along_the_street_has_swept_it(every: float, heading: bool, speed: bool) -> None:
    assert verdict(drive(every=every, heading=heading, speed=speed)) == "collected"


def test_either_way_along_the_street_counts() -> None:
    assert verdict(drive(begin_m=500, end_m=0)) == "collected"


def test_it_is_served_when_enough_is_covered_and_the_evidence_says_how_much() -> None:
    answer = judged([a_pass()], drive(speed_kmh=9))["P"]
    assert answer.served_at == at(160 / 60)  # 400 m at 2.5 m/s
    assert answer.evidence is not None
    assert answer.evidence.to_json() == {
        "what": "coverage",
        "visit_from": "2026-11-16T10:00:00Z",
        "visit_to": "2026-11-16T10:03:20Z",
        "coverage": 1.0,
        "covered_m": 500,
        "length_m": 500,
    }


def test_a_part_that_is_too_small_is_a_missed_pass_and_the_evidence_names_what_is_missing() -> None:
    answer = judged([a_pass()], [*drive(end_m=150), *drive(8, 250, 450)])["P"]
    assert (answer.verdict, answer.served_at) == ("missed", None)
    assert answer.evidence is not None
    assert (answer.evidence.coverage, answer.evidence.covered_m) == (0.7, 350)
    assert answer.evidence.missing == (Gap(150, 250), Gap(450, 500))


def test_the_same_part_twice_counts_once_and_two_parts_add_up() -> None:
    assert evidence([*drive(end_m=200), *drive(5, 0, 200)]).covered_m == 200
    assert verdict([*drive(end_m=250), *drive(8, 500, 240)]) == "collected"


@pytest.mark.parametrize("every", [1, 5, 10])
@pytest.mark.parametrize("speed", [True, False])
def test_driving_through_is_no_sweeping(every: float, speed: bool) -> None:
    assert verdict(drive(speed_kmh=30, every=every, speed=speed)) == "missed"


def test_a_parallel_street_is_another_street() -> None:
    assert verdict(drive(east_m=20)) == "collected"  # a lane beside the line, and the error of satellites
    assert verdict(drive(east_m=40)) == "missed"


@pytest.mark.parametrize("heading", [EAST, None])
def test_crossing_streets_is_no_sweeping(heading: float | None) -> None:
    """Over and over, a little further north each time."""
    fixes = [
        fix(n / 2 + m / 12, 10 * n, 12 * m - 24, 8, heading) for n in range(50) for m in range(5)
    ]  # 5 s and 12 m from one fix to the next
    found = judged([a_pass()], fixes)["P"].evidence
    assert found is None or (found.covered_m or 0) <= 5


def test_two_fixes_too_far_apart_in_time_cover_nothing_between_them() -> None:
    assert evidence([*drive(end_m=100), *drive(100 / 2.22 / 60 + 2, 300, 500)]).missing == (Gap(100, 300),)


def test_a_truck_that_stands_covers_nothing_and_may_go_on() -> None:
    standing = [fix(n / 6, 250, speed_kmh=0, heading=EAST) for n in range(30)]
    assert verdict(standing) == "missed"
    assert verdict([*drive(-2, 0, 250), *standing, *drive(5, 250, 500)]) == "collected"


def test_a_street_with_a_corner_is_covered_around_the_corner() -> None:
    corner = ((LON, LAT), (LON, LAT + 200 * METRE), (LON + 200 * METRE_EAST, LAT + 200 * METRE))
    north = drive(end_m=200)
    east = [fix(1.5 + n / 12, 200, 11 * n, 8, 45 if n == 0 else EAST) for n in range(19)]
    assert verdict([*north, *east], corner) == "collected"


def test_a_jump_between_the_arms_of_a_winding_street_covers_nothing() -> None:
    """Two arms 20 m apart: errors of satellites throw fixes from one to the other."""
    arms = ((LON, LAT), (LON, LAT + 300 * METRE), (LON + 20 * METRE_EAST, LAT + 300 * METRE), (LON + 20 * METRE_EAST, LAT))
    there = drive(end_m=100)
    back = [fix(1 + n / 12, 100, 20 if n % 2 else 0) for n in range(10)]
    found = judged([a_pass(line=arms)], [*there, *back])["P"].evidence
    assert found is not None
    assert (found.covered_m or 0) < 130


# --- when it counts


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-60, "early"), (-11, "early"), (-9, "collected"), (26, "collected"), (29, "late"), (300, "late")]
)
def test_the_window_decides_between_early_collected_and_late(minutes: float, expected: str) -> None:
    assert verdict(drive(minutes)) == expected


def test_what_was_swept_hours_before_or_after_is_not_meant_for_the_pass() -> None:
    assert (verdict(drive(-6.5 * 60)), verdict(drive(6.5 * 60))) == ("missed", "missed")


def test_what_is_covered_counts_for_the_pass_with_the_nearest_window_only() -> None:
    morning, noon = a_pass("M", -240), a_pass("N", 0)
    found = judged([morning, noon], drive(-200))
    assert (found["M"].verdict, found["N"].verdict) == ("late", "missed")
    found = judged([morning, noon], [*drive(-240), *drive(0)])
    assert (found["M"].verdict, found["N"].verdict) == ("collected", "collected")
    found = judged([morning, noon], [*drive(-240, 0, 250), *drive(0, 250, 500)])
    assert (found["M"].verdict, found["N"].verdict) == ("missed", "missed")


def test_a_section_that_is_swept_and_flushed_by_one_truck_is_done_twice() -> None:
    found = judged([a_pass("S"), a_pass("F", task="disinfection")], drive())
    assert (found["S"].verdict, found["F"].verdict) == ("collected", "collected")


def test_without_its_data_nobody_knows_and_before_its_time_is_over_it_is_planned() -> None:
    part = drive(end_m=200)
    assert judged([a_pass()], part, now=at(30), known_until=at(2))["P"].verdict == "planned"
    assert judged([a_pass()], part, known_until=at(2))["P"].verdict == "unknown"
    assert judged([a_pass()], part, known_until=at(61))["P"].verdict == "missed"


# --- reports, lifts, other stops


def test_a_driver_who_could_not_get_in_excuses_the_pass_if_the_truck_was_there() -> None:
    here = [*drive(end_m=50), *drive(3, 400, 401)]
    blocked = Report("R1", at(2), "blocked", service_point_id="SEC-1")
    answer = judged([a_pass()], here, reports=[blocked])["P"]
    assert (answer.verdict, answer.evidence and answer.evidence.codes) == ("excepted", ("blocked",))
    assert judged([a_pass()], reports=[blocked])["P"].verdict == "missed"
    by_place = Report("R2", at(2), "blocked", lon=LON, lat=LAT + 490 * METRE)  # far from half-way, but on the street
    assert judged([a_pass()], reports=[by_place])["P"].verdict == "excepted"


def test_a_breakdown_excuses_until_the_truck_sweeps_again() -> None:
    breakdown = Report("R1", at(5), "breakdown")
    stops = [a_pass("P"), a_pass("Q", 120)]
    assert [a.verdict for a in judged(stops, drive(120), reports=[breakdown]).values()] == ["excepted", "collected"]


def test_door_to_door_the_bins_of_the_street_count_for_the_pass() -> None:
    fixes = drive(0, 0, 500, speed_kmh=6)
    lifts = [Lift("L1", at(1), None, LON, LAT + 100 * METRE, 20), Lift("L2", at(2), None, None, None, 30)]
    lifts += [Lift("L3", at(3), "SEC-1", None, None, 5), Lift("L4", at(400), None, LON, LAT + 5000 * METRE, 70)]
    answer = judged([a_pass(task="collection")], fixes, lifts)["P"]
    assert answer.evidence is not None
    assert (answer.evidence.lift_ids, answer.evidence.net_kg) == (("L1", "L2", "L3"), 55)


def test_stops_and_sections_of_one_truck_do_not_disturb_each_other() -> None:
    point = PlannedStop(
        stop_id="A",
        service_point_id="SP-A",
        lon=LON,
        lat=LAT + 250 * METRE,
        planned_at=at(60),
        window_start=at(50),
        window_end=at(90),
    )
    standing = [fix(60 + n / 6, 250, speed_kmh=0) for n in range(12)]
    found = judged([a_pass(), point], [*drive(), *standing], [Lift("L1", at(61), "SP-A", net_kg=40)])
    assert (found["P"].verdict, found["A"].verdict) == ("collected", "collected")
    assert (found["P"].evidence and found["P"].evidence.lift_ids) == ()


# --- whatever the order


FIXES = st.lists(
    st.builds(
        fix,
        st.integers(-400, 900).map(lambda n: n / 12),
        st.integers(-60, 560),
        st.sampled_from([0, 0, 5, -12, 30]),
        st.sampled_from([None, 0.0, 6.0, 12.0, 40.0]),
        st.sampled_from([None, NORTH, SOUTH, EAST, 30.0]),
    ),
    max_size=40,
)
DRIVES = st.lists(
    st.builds(drive, st.integers(-30, 60), st.integers(0, 200), st.integers(300, 500), every=st.sampled_from([5, 10, 20])),
    max_size=2,
).map(lambda drives: [fix for one in drives for fix in one])
PASSES = [a_pass("P"), a_pass("Q", 90)]


@given(DRIVES, FIXES, st.data())
def test_shuffled_and_repeated_fixes_give_the_same(
    drives: list[Observation], fixes: list[Observation], data: st.DataObject
) -> None:
    everything = [*drives, *fixes]
    again = data.draw(st.permutations([*everything, *everything[: len(everything) // 2]]))
    assert judged(PASSES, again) == judged(list(reversed(PASSES)), everything)


@given(DRIVES, FIXES, st.integers(-60, 120))
def test_data_cut_away_never_makes_missed_of_collected(drives: list[Observation], fixes: list[Observation], cut: int) -> None:
    """What came until a moment, and nothing after it: with the data known to end there, what was done later is unknown."""
    everything = [*drives, *fixes]
    whole = judged(PASSES, everything)
    until = judged(PASSES, [f for f in everything if f.at <= at(cut)], known_until=at(cut))
    assert not [name for name, one in whole.items() if (one.verdict, until[name].verdict) == ("collected", "missed")]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=20))
def test_stretches_together_are_as_long_as_their_union(spans: list[tuple[int, int]]) -> None:
    together: list[tuple[float, float]] = []
    for span in spans:
        together = joined(together, span)
    assert metres(together) == len({metre for begin, end in spans for metre in range(begin, end)})
    assert all(before[1] < after[0] for before, after in pairwise(together))


# --- lines

POINTS = st.tuples(st.floats(-600, 600), st.floats(-600, 600)).map(lambda p: (LON + p[0] * METRE_EAST, LAT + p[1] * METRE))


@given(st.lists(st.lists(POINTS, min_size=2, max_size=6), min_size=1, max_size=4), POINTS)
def test_the_grid_finds_exactly_the_lines_within_reach(lines: list[Line], place: tuple[float, float]) -> None:
    near = {found.line: found.off_m for found in Lines(lines, 50).near(*place)}
    truly = {number: metres_from(line, *place) for number, line in enumerate(lines)}
    assert set(near) == {number for number, away in truly.items() if away <= 50}


def test_half_way_is_half_the_length() -> None:
    corner = [(LON, LAT), (LON, LAT + 100 * METRE), (LON + 300 * METRE_EAST, LAT + 100 * METRE)]
    lon, lat = midpoint(corner)
    assert length_m([(LON, LAT), (LON, LAT + 100 * METRE), (lon, lat)]) == pytest.approx(length_m(corner) / 2, rel=1e-4)


# --- shorter than fixes are apart


def between(begin_m: float, end_m: float) -> Line:
    return ((LON, LAT + begin_m * METRE), (LON, LAT + end_m * METRE))


CHAIN = [a_pass("A", line=between(0, 300)), a_pass("SHORT", line=between(300, 312)), a_pass("B", line=between(312, 600))]


def test_a_section_shorter_than_fixes_are_apart_is_judged_with_its_neighbours() -> None:
    fixes = [*drive(end_m=270, speed_kmh=12), *drive(2, 342, 600, speed_kmh=12)]  # nothing within 30 m of the short one
    found = judged(CHAIN, fixes)
    assert {name: one.verdict for name, one in found.items()} == {"A": "collected", "SHORT": "collected", "B": "collected"}
    short = found["SHORT"]
    assert short.evidence is not None
    assert (short.evidence.what, short.evidence.coverage, short.evidence.shared_with) == ("coverage", 1.0, ("A", "B"))
    assert short.served_at == found["B"].served_at


def test_a_short_section_is_missed_when_the_truck_did_not_go_on_beyond_it() -> None:
    found = judged(CHAIN, drive(end_m=270, speed_kmh=12))
    assert {name: one.verdict for name, one in found.items()} == {"A": "collected", "SHORT": "missed", "B": "missed"}


def test_a_short_dead_end_is_done_with_the_only_street_it_touches() -> None:
    found = judged(CHAIN[:2], drive(end_m=270, speed_kmh=12))
    assert {one.verdict for one in found.values()} == {"collected"}


def test_short_sections_in_a_row_are_judged_with_the_long_ones_at_their_ends() -> None:
    pieces = [a_pass(f"S{n}", line=between(300 + n * 4, 304 + n * 4)) for n in range(3)]
    found = judged([CHAIN[0], *pieces, CHAIN[2]], [*drive(end_m=270, speed_kmh=12), *drive(2, 342, 600, speed_kmh=12)])
    assert {one.verdict for one in found.values()} == {"collected"}


def test_a_short_section_that_touches_nothing_is_judged_alone() -> None:
    alone = a_pass("ALONE", line=((LON + 0.01, LAT), (LON + 0.01, LAT + 12 * METRE)))
    assert judged([CHAIN[0], alone], drive(end_m=300))["ALONE"].verdict == "missed"
    assert verdict(drive(begin_m=-20, end_m=40, every=5), between(0, 12)) == "collected"
