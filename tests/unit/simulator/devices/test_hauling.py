import pytest

from services.simulator.devices.hauling import Haul, HaulFaults, Plant, haul_chain, hauls_of, ledger_chain, ledger_of
from tests.unit.simulator.weighed_fleet import STATION, tipping

PLANT = Plant("P-1", 121.36, 31.08)
LOADS = [tipping(number, kg) for number, kg in enumerate((3000, 2500, 4000, 3500, 1200), start=1)]


def hauls(*, rest_goes: bool = True, faults: HaulFaults | None = None) -> list[Haul]:
    return hauls_of(LOADS, [STATION], PLANT, container_kg=5000, day="2026-10-10", seed=1, rest_goes=rest_goes, faults=faults)


def test_a_container_is_sealed_when_it_is_full_and_the_rest_goes_in_the_evening() -> None:
    assert [haul.net_kg for haul in hauls()] == [5500, 7500, 1200]
    assert [haul.net_kg for haul in hauls(rest_goes=False)] == [5500, 7500]


def test_each_stream_and_station_has_containers_of_its_own() -> None:
    mixed = [tipping(1, 6000), tipping(2, 7000, stream="food"), tipping(3, 8000, station_id="ST-1")]
    found = hauls_of(mixed, [STATION], PLANT, container_kg=5000, day="2026-10-10", seed=1)
    assert [(haul.stream, haul.net_kg) for haul in found] == [("residual", 6000), ("food", 7000), ("residual", 8000)]
    assert len({haul.container_id for haul in found}) == 3


def test_what_is_sealed_was_weighed_before_and_the_way_takes_time() -> None:
    for haul in hauls():
        assert max(one.weigh_out_s for one in haul.tippings) < haul.sealed_s < haul.left_s
        assert haul.arrive_s - haul.left_s > 1200


def test_the_plant_weighs_about_what_the_station_did() -> None:
    for haul in hauls():
        assert haul.intake_kg is not None
        assert abs(haul.intake_kg / haul.net_kg - 1) < 0.0095


def test_a_lost_haul_leaves_and_never_arrives_a_late_one_comes_hours_later() -> None:
    usual, troubled = hauls(), hauls(faults=HaulFaults(lost=frozenset({1}), late_hours={2: 9}))
    assert [haul.intake_kg is None for haul in troubled] == [True, False, False]
    assert troubled[1].arrive_s - usual[1].arrive_s == 9 * 3600
    assert [act.path for act in haul_chain(troubled[0]).acts] == ["/v1/stations/ST-1/containers/ST-1-C001/seal", "/v1/hauls"]
    assert len(haul_chain(troubled[1]).acts) == 5


def test_a_chain_is_told_in_the_order_of_its_times() -> None:
    for haul in hauls():
        times = [act.at_s for act in haul_chain(haul).acts]
        assert times == sorted(times)


def test_the_plant_counts_what_has_left_its_scale_by_midnight() -> None:
    found = hauls()
    last = found[-1]
    assert last.intake_kg
    all_of_it, all_but_one = ledger_of(found, PLANT, last.arrive_s + 86_400), ledger_of(found, PLANT, last.arrive_s)
    assert all_of_it["fed"] - all_but_one["fed"] == pytest.approx(0.9 * last.intake_kg, abs=1)
    assert set(all_of_it) == {"fed", "slag", "fly_ash", "leachate", "power"}
    entries = ledger_chain(all_of_it, PLANT, "2026-10-10", 5).acts
    assert {act.method for act in entries} == {"PUT"}
    assert len({act.path for act in entries}) == 5
