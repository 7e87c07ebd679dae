"""What a driver's report does to a verdict, by the shipped rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.judging.claims import of_the_day
from services.route.domain.judging.facts import Report
from tests.unit.route.test_stop_verdicts import EXCEPTIONS, FIXES, LIFTS, METRE, STOPS, at, fix, judged, lift, standing, stop


def said(code: str, minutes: float, name: str = "r1", **where: Any) -> Report:
    return Report(name, at(minutes), code, **where)


def here(north_m: float = 0) -> dict[str, float]:
    return {"lon": 121.4365, "lat": 31.1885 + north_m * METRE}


@pytest.mark.parametrize("code", ["no_access", "not_presented", "contaminated", "damaged_bin", "blocked", "unsafe"])
def test_what_hinders_a_crew_at_a_stop_excuses_it(code: str) -> None:
    answer = judged([stop("A")], [fix(2)], reports=[said(code, 2, stop_id="A")])["A"]
    assert answer.verdict == "excepted"
    assert answer.evidence is not None
    assert answer.evidence.to_json() == {
        "what": "report",
        "report_ids": ["r1"],
        "codes": [code],
        "excused_at": "2026-11-16T10:02:00Z",
    }


@pytest.mark.parametrize("code", ["overloaded", "extra_waste", "other", "vehicle_full", "a_word_of_next_year"])
def test_what_hinders_nobody_excuses_nothing_but_is_told(code: str) -> None:
    answer = judged([stop("A")], [fix(2)], reports=[said(code, 2, stop_id="A")])["A"]
    assert answer.verdict == "missed"
    assert answer.evidence is not None
    assert answer.evidence.codes == (code,)


def test_a_stop_that_is_served_after_all_is_collected_and_keeps_what_was_said() -> None:
    answer = judged([stop("A")], standing(10), reports=[said("blocked", 2, stop_id="A", **here())])["A"]
    assert answer.verdict == "collected"
    assert answer.evidence is not None
    assert answer.evidence.codes == ("blocked",)


def test_a_driver_who_was_not_there_excuses_nothing() -> None:
    """The truck was seen at the stop an hour later only, and the report was made two kilometres away."""
    for report in (said("not_presented", 2, stop_id="A"), said("not_presented", 2, stop_id="A", **here(2000))):
        assert judged([stop("A")], [fix(62, speed_kmh=30)], reports=[report])["A"].verdict == "missed"


def test_a_report_that_names_no_stop_belongs_to_where_it_was_made() -> None:
    street = [stop("A"), stop("B", minutes=10, north_m=400)]
    by_position = judged(street, [], reports=[said("no_access", 12, **here(380))])
    by_the_truck = judged(street, [fix(12, north_m=390)], reports=[said("no_access", 13)])
    nowhere = judged(street, [], reports=[said("no_access", 12, **here(5000))])
    assert [by[name].verdict for by in (by_position, by_the_truck, nowhere) for name in "AB"] == [
        "missed",
        "excepted",
        "missed",
        "excepted",
        "missed",
        "missed",
    ]


def test_a_report_of_a_service_point_belongs_to_the_occasion_nearest_in_time() -> None:
    twice = [stop("morning", minutes=-300, point="P"), stop("evening", point="P")]
    answers = judged(twice, [fix(5)], reports=[said("blocked", 5, service_point_id="P")])
    assert (answers["morning"].verdict, answers["evening"].verdict) == ("missed", "excepted")


def test_a_breakdown_excuses_the_rest_of_the_day_until_the_truck_serves_again() -> None:
    day = [
        stop("A"),
        stop("B", minutes=60, north_m=400),
        stop("C", minutes=120, north_m=800),
        stop("D", minutes=300, north_m=1200),
    ]
    facts = [*standing(0), *standing(290, north_m=1200)]
    answers = judged(day, facts, reports=[said("breakdown", 20)])
    assert [answers[name].verdict for name in "ABCD"] == ["collected", "excepted", "excepted", "collected"]


def test_a_breakdown_of_the_day_before_says_nothing_of_this_one() -> None:
    reports = [said("breakdown", -200, "yesterday"), said("breakdown", -170, "today"), said("blocked", -400, "elsewhere")]
    assert [report.report_id for report in of_the_day(reports, at(0), EXCEPTIONS)] == ["today", "elsewhere"]


def test_an_excuse_is_known_before_the_time_of_the_stop_is_over() -> None:
    answers = judged([stop("A"), stop("B", minutes=60)], [fix(2)], reports=[said("no_access", 2, stop_id="A")], now=at(3))
    assert (answers["A"].verdict, answers["B"].verdict) == ("excepted", "planned")


def test_without_data_of_the_truck_a_stop_is_unknown_whatever_was_said_elsewhere() -> None:
    assert judged([stop("A")], [], reports=[said("no_access", 2, stop_id="A")], known_until=None)["A"].verdict == "unknown"


CODES = st.sampled_from(["no_access", "blocked", "breakdown", "overloaded", "vehicle_full"])
REPORTS = st.lists(
    st.builds(
        lambda minutes, code, number, metres: said(code, minutes, f"r{number}", **(here(metres) if metres is not None else {})),
        st.integers(-60, 400),
        CODES,
        st.integers(0, 10_000),
        st.none() | st.integers(0, 1000),
    ),
    max_size=6,
    unique_by=lambda report: report.report_id,
)


@given(STOPS, FIXES, LIFTS, REPORTS, st.data())
def test_reports_in_any_order_and_repeated_give_the_same_verdicts(
    stops: Any, fixes: Any, lifts: Any, reports: list[Report], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(reports + reports[:2]))
    assert judged(stops, fixes, lifts, reports) == judged(stops, data.draw(st.permutations(fixes)), lifts, again)


@given(STOPS, FIXES, LIFTS, REPORTS)
def test_a_report_never_takes_a_service_away(stops: Any, fixes: Any, lifts: Any, reports: list[Report]) -> None:
    before, after = judged(stops, fixes, lifts), judged(stops, fixes, lifts, reports)
    for name, answer in before.items():
        if answer.served_at is not None:
            assert (after[name].verdict, after[name].served_at) == (answer.verdict, answer.served_at)
        else:
            assert after[name].verdict in {answer.verdict, "excepted"}


def test_two_fixes_of_one_moment_one_without_a_speed_tell_where_the_truck_was() -> None:
    answer = judged([stop("A")], [fix(2, speed_kmh=30), fix(2, speed_kmh=None)], reports=[said("no_access", 2)])["A"]
    assert answer.verdict == "excepted"


def test_a_lift_needs_no_excuse() -> None:
    answer = judged([stop("A")], [], [lift("L", 3, point="SP-A")], [said("no_access", 2, stop_id="A")])["A"]
    assert answer.verdict == "collected"
