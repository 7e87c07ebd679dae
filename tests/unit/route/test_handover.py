"""Who served a stop that several trucks had, and when it may be called missed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.route.domain.judging.findings import Evidence, Judgement
from services.route.domain.judging.handover import Handover, Heard, all_combined, combined, lent, received
from shared.vocabulary import Verdict

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
MISSED = Judgement("S", Verdict.MISSED)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def served(minutes: int, verdict: Verdict = Verdict.COLLECTED) -> Judgement:
    return Judgement("S", verdict, at(minutes), Evidence(what="dwell"))


def former(service: Judgement | None, vehicle_id: str = "A", now_of: str = "C") -> Handover:
    return Handover(
        stop_id="S",
        vehicle_id=vehicle_id,
        contractor_id="K",
        service_day=date(2026, 11, 16),
        planned_at=at(0),
        at=NOON,
        served=service,
        stop_vehicle_id=now_of,
    )


def heard(**minutes: int | None) -> Heard:
    return {vehicle_id: None if reach is None else at(reach) for vehicle_id, reach in minutes.items()}


def test_the_first_service_counts_and_names_its_truck() -> None:
    own = combined(served(20), [former(served(9, Verdict.LATE), "B"), former(served(5), "A")], heard(A=60, B=60))
    assert own == Judgement("S", Verdict.COLLECTED, at(5), Evidence(what="dwell", vehicle_id="A"))


def test_of_two_at_the_same_time_the_truck_that_has_the_stop_comes_first() -> None:
    assert combined(served(5), [former(served(5))], heard(A=60)) == served(5)


@pytest.mark.parametrize("reach", [None, -1])
def test_what_the_last_truck_missed_is_unknown_until_the_first_has_been_heard_of(reach: int | None) -> None:
    assert combined(MISSED, [former(None)], heard(A=reach)).verdict == "unknown"
    assert combined(MISSED, [former(None)], {}).verdict == "unknown"


def test_what_nobody_served_is_missed_when_all_have_been_heard_of() -> None:
    assert combined(MISSED, [former(None, "A"), former(None, "B")], heard(A=0, B=60)) == MISSED


def test_leaving_a_fixed_time_point_too_soon_is_no_service() -> None:
    too_soon = Judgement("S", Verdict.MISSED, at(3))
    assert combined(served(30), [former(too_soon)], heard(A=60)) == served(30)
    assert combined(MISSED, [former(too_soon)], heard(A=60)) == MISSED
    assert former(served(5)).serving(too_soon) == former(None)


@pytest.mark.parametrize("verdict", [Verdict.PLANNED, Verdict.EXCEPTED, Verdict.UNKNOWN])
def test_what_is_not_decided_yet_or_excused_stays_so(verdict: Verdict) -> None:
    own = Judgement("S", verdict)
    assert combined(own, [former(None)], heard(A=None)) == own


def test_a_stop_that_came_back_is_neither_lent_nor_received() -> None:
    back, gone, got = former(None, "A", now_of="A"), former(None, "A", now_of="C"), former(None, "B", now_of="A")
    assert lent([back, gone, got], "A") == {"S": gone}
    assert received([back, gone, got], "A") == [got]


def test_stops_that_nobody_had_before_stay_as_they_were_judged() -> None:
    other = Judgement("S2", Verdict.MISSED)
    assert all_combined([MISSED, other], [former(served(5))], heard(A=60)) == [
        Judgement("S", Verdict.COLLECTED, at(5), Evidence(what="dwell", vehicle_id="A")),
        other,
    ]
