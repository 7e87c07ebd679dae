from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

from services.simulator.demo import city as demo_city
from services.simulator.demo import yard as demo_yard
from services.simulator.devices.driving import drive_day
from services.simulator.devices.furnace import FurnaceLine, LineFaults
from services.simulator.devices.hauling import HaulFaults
from services.simulator.devices.motion import Plane, apart_m
from services.simulator.devices.tipping import stations_of
from services.simulator.devices.weighing import trucks_of, yard_for
from services.simulator.scenarios.disturbances import confusable_runs
from services.simulator.scenarios.truth import truth_of
from tests.unit.simulator.cities import demo_runs

DAY = date(2026, 11, 16)
FAULTS = demo_yard.DemoFaults(2026, ZoneInfo("Asia/Shanghai"))
STATIONS = stations_of([{"station_id": station_id, **body} for station_id, body in demo_yard.stations().items()])


def test_every_stream_of_the_demo_city_is_taken_by_each_station() -> None:
    streams = {truck.duty.stream for truck in demo_city.trucks()}
    assert len(STATIONS) == 2
    assert all(station.bay_for(stream) for station in STATIONS for stream in streams)


def test_no_service_point_is_near_a_station() -> None:
    plane = Plane(demo_city.WEST, demo_city.SOUTH)
    gates = [plane.place(station.lon, station.lat) for station in STATIONS]
    points = [plane.place(p.lon, p.lat) for one in demo_city.subdistricts() for p in demo_city.points(one)]
    assert min(apart_m(gate, point) for gate in gates for point in points) > 400


def test_trucks_keep_their_timetable_although_they_tip() -> None:
    trucks = trucks_of(demo_city.vehicle_import()["vehicles"])
    for vehicle_id in ("DEMO-001", "DEMO-033", "DEMO-060"):
        yard = yard_for(trucks[vehicle_id], STATIONS, demo_yard.WORTH_SHARE)
        day = drive_day(vehicle_id, demo_runs(vehicle_id), seed=1, yard=yard)
        assert Counter(truth.verdict for truth in truth_of(day)) == {"collected": 9 * 12}
        assert confusable_runs(day) == set()
        lifted_kg = sum(record["net_kg"] for _, record in day.occasions if record["kind"] == "bin_lift")
        assert sum(one.lifted_kg for one in day.tippings) == lifted_kg, "in the evening it is empty"
        assert 1 <= len(day.tippings) <= 9


def test_each_day_one_scale_drifts_one_load_is_robbed_and_one_bay_is_wrong() -> None:
    found = {truck.vehicle_id: FAULTS.of_truck(truck.vehicle_id, DAY) for truck in demo_city.trucks()}
    faults = [fault for fault in found.values() if fault]
    assert len(faults) == 3
    assert sorted(fault.scale_factor for fault in faults) == [1.0, 1.0, demo_yard.DRIFT_FACTOR]
    assert [fault.stolen_kg for fault in faults if fault.stolen_kg] == [{2: demo_yard.STOLEN_KG}]
    drifting = [vehicle_id for vehicle_id, fault in found.items() if fault and fault.scale_factor != 1]
    assert FAULTS.of_truck(drifting[0], date(2026, 12, 1)), "the same truck every day"


def test_one_haul_is_lost_and_another_late() -> None:
    faults = FAULTS.of_hauls(DAY)
    assert len(faults.lost) == len(faults.late_hours) == 1
    assert not faults.lost & faults.late_hours.keys()


def test_each_line_has_its_trouble() -> None:
    lines = [FAULTS.of_line(FurnaceLine(line_id, demo_yard.mn_of(line_id), "p"), DAY) for line_id in demo_yard.LINES]
    assert [(len(line.faults.cold), len(line.faults.peaks)) for line in lines] == [(1, 0), (0, 1)]
    assert all(line.mn.isalnum() and len(line.mn) <= 24 for line in lines)


def test_undisturbed_nothing_goes_wrong() -> None:
    calm = demo_yard.DemoFaults(2026, ZoneInfo("Asia/Shanghai"), disturbed=False)
    assert not any(calm.of_truck(truck.vehicle_id, DAY) for truck in demo_city.trucks())
    assert calm.of_hauls(DAY) == HaulFaults()
    assert calm.of_line(FurnaceLine("DEMO-L1", "M", "p"), DAY).faults == LineFaults()
