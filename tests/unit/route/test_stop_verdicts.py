from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.judging.facts import Lift, Observation, Report
from services.route.domain.judging.findings import Judgement
from services.route.domain.judging.verdicts import VehicleDay
from services.route.domain.places import PlannedStop
from tests.unit.route.vehicle_days import EXCEPTIONS, RULES, judge, judge_again

EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
NIGHT = EVENING + timedelta(hours=12)
METRE = 1 / 111_195  # degrees of latitude


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def stop(name: str, minutes: float = 0, north_m: float = 0, point: str | None = None) -> PlannedStop:
    """Planned `minutes` after 18:00, `north_m` up the street; window 10 minutes before to 30 after."""
    return PlannedStop(
        stop_id=name,
        service_point_id=point or f"SP-{name}",
        lon=121.4365,
        lat=31.1885 + north_m * METRE,
        planned_at=at(minutes),
        window_start=at(minutes - 10),
        window_end=at(minutes + 30),
    )


def fix(minutes: float, north_m: float = 0, speed_kmh: float | None = 0) -> Observation:
    return Observation(at(minutes), 121.4365, 31.1885 + north_m * METRE, speed_kmh)


def standing(minutes: float, north_m: float = 0, seconds: int = 60, every: int = 10) -> list[Observation]:
    return [fix(minutes + s / 60, north_m) for s in range(0, seconds + 1, every)]


def lift(name: str, minutes: float, point: str | None = None, north_m: float | None = None, kg: int = 40) -> Lift:
    lon, lat = (None, None) if north_m is None else (121.4365, 31.1885 + north_m * METRE)
    return Lift(name, at(minutes), point, lon, lat, kg)


def judged(
    stops: Sequence[PlannedStop],
    observations: Sequence[Observation] = (),
    lifts: Sequence[Lift] = (),
    reports: Sequence[Report] = (),
    known_until: datetime | None = NIGHT,
    now: datetime = NIGHT,
) -> dict[str, Judgement]:
    answers = judge(stops, observations, lifts, reports, known_until=known_until, now=now)
    return {answer.stop_id: answer for answer in answers}


def verdicts(
    stops: Sequence[PlannedStop], observations: Sequence[Observation] = (), lifts: Sequence[Lift] = ()
) -> dict[str, str]:
    return {name: answer.verdict for name, answer in judged(stops, observations, lifts).items()}


# --- standing


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(-30, "early"), (-10.1, "early"), (-10, "collected"), (0, "collected"), (30, "collected"), (30.1, "late"), (300, "late")],
)
def test_the_beginning_of_the_visit_decides_between_early_collected_and_late(minutes: float, verdict: str) -> None:
    answer = judged([stop("A")], standing(minutes, seconds=30))["A"]
    assert (answer.verdict, answer.served_at) == (verdict, at(minutes))


def test_the_evidence_of_a_dwell_is_when_how_long_and_how_near() -> None:
    evidence = judged([stop("A")], standing(1, north_m=12, seconds=90))["A"].evidence
    assert evidence is not None
    assert evidence.to_json() == {
        "what": "dwell",
        "visit_from": "2026-11-16T10:01:00Z",
        "visit_to": "2026-11-16T10:02:30Z",
        "dwell_from": "2026-11-16T10:01:00Z",
        "dwell_to": "2026-11-16T10:02:30Z",
        "dwell_seconds": 90,
        "nearest_m": 12.0,
    }


def test_a_drive_by_is_no_service() -> None:
    assert verdicts([stop("A")], [fix(0, -40, 30), fix(0.1, 20, 30)]) == {"A": "missed"}


def test_a_short_halt_at_a_light_is_no_service() -> None:
    assert verdicts([stop("A")], [fix(0, 10, 0), fix(0.2, 10, 0), fix(0.3, 40, 25)]) == {"A": "missed"}


def test_two_short_halts_with_driving_between_do_not_add_up() -> None:
    halts = [*standing(0, seconds=10), fix(0.5, 30, 20), *standing(1.5, seconds=10)]
    assert verdicts([stop("A")], halts) == {"A": "missed"}


def test_positions_once_a_minute_are_enough() -> None:
    assert verdicts([stop("A")], [fix(0, 5), fix(1, 8)]) == {"A": "collected"}


def test_without_a_speed_the_way_between_positions_tells_whether_it_stood() -> None:
    assert verdicts([stop("A")], [fix(0, 5, None), fix(1, 8, None)]) == {"A": "collected"}
    assert verdicts([stop("A")], [fix(0, -50, None), fix(0.2, 50, None)]) == {"A": "missed"}
    assert verdicts([stop("A")], [fix(0, 5, None)]) == {"A": "missed"}


def test_standing_outside_the_radius_is_not_standing_here() -> None:
    assert verdicts([stop("A")], standing(0, north_m=80)) == {"A": "missed"}


def test_a_position_between_two_stops_belongs_to_the_nearer_one() -> None:
    assert verdicts([stop("A"), stop("B", 2, 80)], standing(1, north_m=50)) == {"A": "missed", "B": "collected"}


def test_one_position_thrown_to_the_neighbour_does_not_end_the_visit() -> None:
    positions = [fix(0, 2), fix(0.2, 45), fix(0.4, 2)]
    assert verdicts([stop("A"), stop("B", 60, 50)], positions) == {"A": "collected", "B": "missed"}


def test_a_truck_that_waited_until_the_planned_time_was_not_early() -> None:
    answer = judged([stop("A")], standing(-20, seconds=25 * 60))["A"]
    assert (answer.verdict, answer.served_at) == ("collected", at(-10))


# --- stops that cannot be told apart


def test_one_visit_serves_all_stops_of_an_occasion() -> None:
    answers = judged([stop("A"), stop("B", 3, 10)], standing(1))
    assert {answer.verdict for answer in answers.values()} == {"collected"}
    assert answers["A"].evidence is not None
    assert answers["A"].evidence.shared_with == ("B",)


def test_two_occasions_at_a_place_need_two_visits() -> None:
    stops = [stop("A"), stop("B", 120)]
    assert verdicts(stops, standing(1)) == {"A": "collected", "B": "missed"}
    assert verdicts(stops, standing(121)) == {"A": "missed", "B": "collected"}
    assert verdicts(stops, standing(1) + standing(119)) == {"A": "collected", "B": "collected"}


def test_visits_serve_the_occasions_of_a_place_in_their_order() -> None:
    answers = judged([stop("A"), stop("B", 60)], standing(55) + standing(70))
    assert (answers["A"].served_at, answers["A"].verdict) == (at(55), "late")
    assert (answers["B"].served_at, answers["B"].verdict) == (at(70), "collected")


def test_a_truck_that_stays_over_two_occasions_serves_both() -> None:
    answers = judged([stop("A"), stop("B", 20)], standing(-2, seconds=30 * 60))
    assert [answers[name].verdict for name in "AB"] == ["collected", "collected"]
    assert answers["B"].served_at == at(10)


def test_staying_counts_from_the_first_occasion_even_if_the_truck_came_seconds_after_it() -> None:
    answers = judged([stop("A"), stop("B", 15)], standing(0.1, seconds=16 * 60))
    assert (answers["A"].verdict, answers["A"].served_at) == ("collected", at(0.1))
    assert (answers["B"].verdict, answers["B"].served_at) == ("collected", at(5))


def test_a_rest_near_the_stop_hours_before_is_not_its_service() -> None:
    assert verdicts([stop("A")], standing(-240, seconds=1800)) == {"A": "missed"}


# --- lifts


def test_a_lift_that_names_its_service_point_needs_no_position() -> None:
    answer = judged([stop("A"), stop("B", 5, 200)], lifts=[lift("L1", 2, "SP-A", kg=46)])["A"]
    assert (answer.verdict, answer.served_at) == ("collected", at(2))
    assert answer.evidence is not None
    assert (answer.evidence.what, answer.evidence.lift_ids, answer.evidence.net_kg) == ("lift", ("L1",), 46)


def test_lifts_and_standing_are_one_visit_that_begins_with_the_first_of_them() -> None:
    answer = judged([stop("A")], standing(1), [lift("L1", 1.5, "SP-A", kg=40), lift("L2", 3, "SP-A", kg=2)])["A"]
    assert answer.served_at == at(1)
    assert answer.evidence is not None
    assert (answer.evidence.lift_ids, answer.evidence.net_kg, answer.evidence.dwell_seconds) == (("L1", "L2"), 42, 60)
    assert (answer.evidence.visit_from, answer.evidence.visit_to) == (at(1), at(3))


def test_a_named_lift_decides_against_standing_there_at_another_time() -> None:
    answer = judged([stop("A")], standing(0), [lift("L1", 45, "SP-A")])["A"]
    assert (answer.verdict, answer.served_at) == ("late", at(45))


def test_a_lift_with_a_place_belongs_to_the_nearest_stop() -> None:
    assert verdicts([stop("A"), stop("B", 5, 100)], [], [lift("L1", 5, north_m=95)]) == {"A": "missed", "B": "collected"}
    assert verdicts([stop("A")], [], [lift("L1", 0, north_m=500)]) == {"A": "missed"}


def test_a_lift_that_says_nothing_belongs_to_where_the_truck_stood() -> None:
    stops = [stop("A"), stop("B", 5, 200)]
    answers = judged(stops, [fix(5, 200)], [lift("L1", 5.2)])  # one slow fix alone would be no service
    assert (answers["A"].verdict, answers["B"].verdict) == ("missed", "collected")
    assert verdicts(stops, [], [lift("L1", 5.2)]) == {"A": "missed", "B": "missed"}


def test_a_lift_that_names_an_unknown_point_is_placed_by_its_position() -> None:
    assert verdicts([stop("A")], [], [lift("L1", 0, "SP-elsewhere", north_m=5)]) == {"A": "collected"}


def test_two_service_points_in_one_bin_room_are_served_by_their_own_lifts() -> None:
    stops = [stop("food"), stop("residual", 5)]
    lifts = [lift("L1", 0, "SP-food"), lift("L2", 20, "SP-residual")]
    answers = judged(stops, [], lifts)
    assert (answers["food"].served_at, answers["residual"].served_at) == (at(0), at(20))
    assert verdicts(stops, [], lifts[:1]) == {"food": "collected", "residual": "missed"}


def test_standing_there_serves_the_companions_of_a_stop_whose_lift_was_named() -> None:
    answers = judged([stop("food"), stop("residual", 5)], standing(0), [lift("L1", 0.5, "SP-food")])
    assert [answers[name].verdict for name in ("food", "residual")] == ["collected", "collected"]
    assert answers["residual"].evidence is not None
    assert (answers["residual"].evidence.what, answers["residual"].evidence.lift_ids) == ("dwell", ())


def test_the_same_service_point_twice_a_day_is_served_in_order() -> None:
    stops = [stop("A", 0, point="SP"), stop("B", 180, point="SP")]
    answers = judged(stops, [], [lift("L1", 100, "SP"), lift("L2", 200, "SP")])
    assert (answers["A"].served_at, answers["B"].served_at) == (at(100), at(200))
    assert judged(stops, [], [lift("L2", 175, "SP")])["B"].served_at == at(175)


# --- not served


def test_a_stop_is_planned_until_its_grace_has_passed() -> None:
    assert judged([stop("A")], now=at(60))["A"].verdict == "planned"
    assert judged([stop("A")], now=at(60.1))["A"].verdict == "missed"


def test_it_is_missed_only_if_the_trucks_data_reaches_that_far() -> None:
    assert judged([stop("A")], known_until=at(59))["A"].verdict == "unknown"
    assert judged([stop("A")], known_until=None)["A"].verdict == "unknown"
    assert judged([stop("A")], known_until=at(60))["A"].verdict == "missed"


def test_data_on_its_way_is_waited_for_a_moment_before_a_stop_is_called_unknown() -> None:
    assert judged([stop("A")], known_until=at(59), now=at(69))["A"].verdict == "planned"
    assert judged([stop("A")], known_until=at(60), now=at(69))["A"].verdict == "missed"
    assert judged([stop("A")], known_until=at(59), now=at(71))["A"].verdict == "unknown"


def test_late_data_turns_missed_into_collected() -> None:
    day = VehicleDay([stop("A")], RULES, EXCEPTIONS)
    assert judge_again(day, [], [], NIGHT, NIGHT)[0].verdict == "missed"
    assert judge_again(day, standing(2), [], NIGHT, NIGHT)[0].verdict == "collected"


def test_a_day_without_stops_has_no_verdicts() -> None:
    assert judged([], standing(0), [lift("L1", 0)]) == {}


# --- order does not matter

STOPS = st.lists(
    st.builds(
        lambda number, minutes, north_m, point: stop(f"S{number}", minutes, north_m, point),
        st.integers(0, 30),
        st.integers(0, 240),
        st.integers(0, 300),
        st.sampled_from([None, "P1", "P2"]),
    ),
    max_size=6,
    unique_by=lambda s: s.stop_id,
)
FIXES = st.lists(
    st.builds(fix, st.integers(-60, 300).map(lambda n: n / 4), st.integers(-80, 380), st.sampled_from([None, 0.0, 3.0, 30.0])),
    max_size=30,
)
LIFTS = st.lists(
    st.builds(
        lift,
        st.sampled_from([f"L{n}" for n in range(9)]),
        st.integers(-60, 300).map(lambda n: n / 4),
        st.sampled_from([None, "P1", "P2", "SP-S1", "elsewhere"]),
        st.none() | st.integers(-80, 380),
        st.integers(0, 90),
    ),
    max_size=6,
)


@given(STOPS, FIXES, LIFTS, st.data())
def test_the_same_facts_in_any_order_and_repeated_give_the_same_verdicts(
    stops: list[PlannedStop], fixes: list[Observation], lifts: list[Lift], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(fixes + fixes[:5]), "fixes")
    lifts_again = data.draw(st.permutations(lifts + lifts[:2]), "lifts")
    assert judged(stops, fixes, lifts) == judged(data.draw(st.permutations(stops)), again, lifts_again)


@given(STOPS, FIXES, LIFTS)
def test_positions_away_from_every_stop_change_nothing(
    stops: list[PlannedStop], fixes: list[Observation], lifts: list[Lift]
) -> None:
    day = VehicleDay(stops, RULES, EXCEPTIONS)
    near = [f for f in fixes if day.places.nearest_stop(f.lon, f.lat) is not None]
    assert judge_again(day, fixes, lifts, NIGHT, NIGHT) == judge_again(day, near, lifts, NIGHT, NIGHT)


@given(STOPS, FIXES, LIFTS)
def test_every_stop_gets_exactly_one_verdict_with_evidence_when_served(
    stops: list[PlannedStop], fixes: list[Observation], lifts: list[Lift]
) -> None:
    answers = judged(stops, fixes, lifts)
    assert set(answers) == {s.stop_id for s in stops}
    for answer in answers.values():
        is_served = answer.verdict in ("collected", "early", "late")
        assert is_served == (answer.served_at is not None) == (answer.evidence is not None)
