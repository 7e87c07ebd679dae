from collections import Counter
from itertools import combinations

from services.simulator.demo import city as demo_city
from services.simulator.devices.driving import drive_day
from services.simulator.devices.motion import Plane, apart_m
from services.simulator.scenarios.disturbances import confusable_runs
from services.simulator.scenarios.truth import truth_of
from tests.unit.simulator.cities import demo_runs


def test_the_demo_city_is_the_same_every_time() -> None:
    assert list(demo_city.timetable_rows()) == list(demo_city.timetable_rows())
    assert demo_city.vehicle_import() == demo_city.vehicle_import()


def test_sixty_trucks_work_in_twelve_subdistricts_and_say_that_they_are_synthetic() -> None:
    vehicles = demo_city.vehicle_import()["vehicles"]
    assert len(vehicles) == 60
    assert set(Counter(vehicle["district_id"] for vehicle in vehicles).values()) == {5}
    assert all(vehicle["vehicle_id"].startswith("DEMO-") for vehicle in vehicles)
    assert all("演示" in row["route_name"] and "演示" in row["name"] for row in demo_city.timetable_rows())
    assert all(feature["properties"]["synthetic"] for feature in demo_city.districts_geojson()["features"])


def test_neighbouring_subdistricts_share_their_corners() -> None:
    corners = Counter(corner for one in demo_city.subdistricts() for corner in one.ring)
    assert len(corners) == 20
    assert sorted(Counter(corners.values()).items()) == [(1, 4), (2, 10), (4, 6)]


def test_at_every_hour_most_trucks_have_a_round() -> None:
    at_work = {(int(row["time"][:2]), row["vehicle_id"]) for row in demo_city.timetable_rows()}
    busy = Counter(hour for hour, _ in at_work)
    assert min(busy[hour] for hour in range(24)) > 30


def test_places_of_a_subdistrict_are_150_m_apart() -> None:
    plane = Plane(demo_city.WEST, demo_city.SOUTH)
    for subdistrict in demo_city.subdistricts():
        places = [plane.place(point.lon, point.lat) for point in demo_city.points(subdistrict)]
        assert min(apart_m(*pair) for pair in combinations(places, 2)) > 150


def test_every_truck_can_keep_its_timetable_and_nothing_can_be_confused() -> None:
    for vehicle_id in ("DEMO-001", "DEMO-033", "DEMO-060"):
        day = drive_day(vehicle_id, demo_runs(vehicle_id), seed=1)
        assert Counter(truth.verdict for truth in truth_of(day)) == {"collected": 9 * 12}
        assert confusable_runs(day) == set()
        moving = sum(s.end_s - s.start_s for s in day.segments if s.at(s.start_s + 5).speed_ms > 0)
        assert moving > 0.3 * (day.busy_until_s - day.start_s)
