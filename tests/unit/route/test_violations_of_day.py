"""Which lifts of a vehicle's day mixed waste, and which violations never were."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.route.domain.judging.facts import Lift, VehicleDayFacts
from services.route.domain.judging.findings import Evidence, Judgement
from services.route.domain.trucks import TruckEntry
from services.route.domain.violations import Emptied, LiftsOfDay, PointStreams, Violation
from shared.vocabulary import Verdict, ViolationStatus, WasteStream
from tests.unit.route.records import DAY, STOP, at

TRUCK = TruckEntry(at(-9_999), 1, "food_waste", ("food",))
FOOD = replace(STOP, stop_id="F", service_point_id="SP-F", stream=WasteStream.FOOD, planned_at=at(30))
EVE = replace(STOP, stop_id="E", service_point_id="SP-E", service_day=DAY - timedelta(days=1), planned_at=at(-600))


def lift(lift_id: str = "L1", minutes: float = 1, point: str | None = None) -> Lift:
    return Lift(lift_id, at(minutes), point, 121.4, 31.2, 40)


def lifts_of_day(*lifts: Lift, counted_for: dict[str, str] | None = None, **of_stops: tuple[str, ...]) -> LiftsOfDay:
    """`of_stops`: by stop the lifts that it was judged to be served by; "S" is STOP."""
    stops = {"S": replace(STOP, stop_id="S"), "F": FOOD}
    facts = VehicleDayFacts(
        vehicle_id="T-001",
        day=DAY,
        stops=(),
        lifts=lifts,
        counted_for={one.lift_id: (counted_for or {}).get(one.lift_id) for one in lifts},
        own=stops,
        rivals={"E": EVE},
    )
    judged = [Judgement(i, Verdict.COLLECTED, at(1), Evidence(what="lift", lift_ids=ids)) for i, ids in of_stops.items()]
    return LiftsOfDay(facts, judged)


def violation(**changes: Any) -> Violation:
    emptied = Emptied(lift(), ("S",), ("residual",), replace(STOP, stop_id="S"), "310104")
    return replace(emptied.mixed_in("T-001", TRUCK, "E280", violation_id="V", at=at(5)), **changes)


def test_a_lift_emptied_what_its_stop_collects() -> None:
    [emptied] = lifts_of_day(lift(), S=("L1",)).emptied({})
    assert (emptied.stop_ids, emptied.streams, emptied.anchor.stop_id) == (("S",), ("residual",), "S")


def test_a_lift_for_two_stops_emptied_either() -> None:
    [emptied] = lifts_of_day(lift(), S=("L1",), F=("L1",)).emptied({})
    assert (emptied.stop_ids, emptied.streams) == (("S", "F"), ("residual", "food"))


def test_a_lift_that_names_a_point_elsewhere_emptied_what_that_collects() -> None:
    day = lifts_of_day(lift(point="SP-9"), S=("L1",))
    point = PointStreams(service_point_id="SP-9", streams=("kitchen",), district_id="310105")
    assert day.named_points() == {"SP-9"}
    [emptied] = day.emptied({"SP-9": point})
    assert (emptied.streams, emptied.district_id) == (("kitchen",), "310105")


def test_a_lift_for_no_stop_belongs_to_the_day_of_the_nearest_one() -> None:
    [emptied] = lifts_of_day(lift(minutes=20)).emptied({})
    assert (emptied.stop_ids, emptied.streams, emptied.anchor.stop_id) == ((), (), "F")
    assert lifts_of_day(lift(minutes=-500)).emptied({}) == []


def test_a_lift_that_counted_for_another_day_is_that_days_to_hold() -> None:
    assert lifts_of_day(lift(), counted_for={"L1": "E"}).emptied({}) == []


def test_a_violation_says_what_was_put_into_which_truck() -> None:
    found = violation()
    assert (found.stop_id, found.service_point_id, found.stream, found.truck_streams) == ("S", "SP-1", "residual", ("food",))
    assert (found.evidence.lift.tag, found.evidence.truck.kind, found.evidence.stop_ids) == ("E280", "food_waste", ("S",))
    assert (found.status, found.revision, found.found_at, found.changed_at) == ("open", 1, at(5), at(5))


def test_the_same_again_is_no_news() -> None:
    assert violation().after(None) == violation()
    assert violation(found_at=at(9), changed_at=at(9)).after(violation(revision=3)) is None


def test_what_changed_is_the_next_revision_of_what_was_found_then() -> None:
    after = violation(net_kg=7, found_at=at(9), changed_at=at(9)).after(violation(revision=3))
    assert after == violation(net_kg=7, revision=4, changed_at=at(9))


@pytest.mark.parametrize(
    ("stop_id", "looked_at", "still", "withdrawn"),
    [
        ("S", set(), set(), True),
        ("E", set(), set(), False),
        (None, set(), set(), False),
        (None, {"L1"}, set(), True),
        ("S", {"L1"}, {"V"}, False),
    ],
)
def test_what_mixed_nothing_after_all_is_withdrawn(
    stop_id: str | None, looked_at: set[str], still: set[str], withdrawn: bool
) -> None:
    gone = lifts_of_day(lift()).never_were([violation(stop_id=stop_id)], looked_at, still, at(9))
    assert [one.status for one in gone] == ([ViolationStatus.WITHDRAWN] if withdrawn else [])
    assert all(one.after(violation(stop_id=stop_id)) == replace(one, revision=2) for one in gone)
    assert all(replace(one, changed_at=at(12)).after(one) is None for one in gone)
