"""How a file, or a dispatcher, changes what is recorded of a route."""

from dataclasses import replace

import pytest

from services.route.domain.timetable.routes import KnownRoute, Route, TimedStop
from tests.unit.route.records import at

LINE = TimedStop(
    row=1,
    key="1",
    seq=1,
    service_point_id="SP-1",
    name="a",
    lon=121.4,
    lat=31.2,
    second=64_800,
    window_start_second=None,
    window_end_second=None,
    weekdays=frozenset({3, 1}),
    stream="food",
    expected_kg=None,
    kind="bin",
)
ROUTE = Route(route_id="R1", name="Round 1", district_id="310104", vehicle_id="T-001", stops=(LINE,))
KNOWN = KnownRoute.first(ROUTE, at(0))


def test_a_new_route_is_as_its_file_says() -> None:
    assert (KNOWN.weekdays, KNOWN.stream, KNOWN.task, KNOWN.stop_count) == ((1, 3), "food", "collection", 1)
    assert (KNOWN.vehicle_id, KNOWN.file_vehicle_id, KNOWN.revision, KNOWN.imported_at) == ("T-001", "T-001", 1, at(0))


def test_the_same_file_again_changes_nothing() -> None:
    assert KNOWN.imported(ROUTE, at(9), moved=False) is KNOWN


def test_a_change_of_the_route_or_of_its_stops_is_a_new_revision() -> None:
    renamed = KNOWN.imported(replace(ROUTE, name="Round one"), at(9), moved=False)
    assert renamed == replace(KNOWN, name="Round one", revision=2, imported_at=at(9))
    assert KNOWN.imported(ROUTE, at(9), moved=True) == replace(KNOWN, revision=2, imported_at=at(9))


@pytest.mark.parametrize(
    ("file_says", "driven_by", "file_vehicle_id"), [("T-001", "T-9", "T-001"), (None, "T-9", "T-001"), ("T-2", "T-2", "T-2")]
)
def test_a_dispatchers_vehicle_stays_until_the_file_names_another_one(
    file_says: str | None, driven_by: str, file_vehicle_id: str
) -> None:
    by_dispatcher = KNOWN.driven_by("T-9")
    after = by_dispatcher.imported(replace(ROUTE, vehicle_id=file_says), at(9), moved=False)
    assert (after.vehicle_id, after.file_vehicle_id) == (driven_by, file_vehicle_id)


def test_giving_a_route_to_the_vehicle_that_has_it_changes_nothing() -> None:
    assert KNOWN.driven_by("T-001") is KNOWN
    assert KNOWN.driven_by(None) == replace(KNOWN, vehicle_id=None, revision=2)


def test_the_recorded_route_with_its_stops_is_the_route_again() -> None:
    assert KNOWN.with_stops([LINE]) == ROUTE
