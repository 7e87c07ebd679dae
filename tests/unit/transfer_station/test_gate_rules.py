"""From positions near a gate to visits, and to the one truck that was weighed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.transfer_station.domain.gate import Gate, Gates, Visit, is_like, truck_at_gate, visit_at, visits

START = datetime(2026, 11, 16, tzinfo=UTC)
RING = [(121.40, 31.20), (121.41, 31.20), (121.41, 31.21), (121.40, 31.21), (121.40, 31.20)]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def stay(vehicle: str, begin: float, end: float) -> Visit:
    return Visit(vehicle, at(begin), at(end))


def test_a_truck_not_seen_for_long_has_left_and_come_again() -> None:
    minutes = {"T-1": [at(m) for m in (3, 0, 10, 40, 41)]}
    assert visits(minutes, 15) == [stay("T-1", 0, 11), stay("T-1", 40, 42)]


@given(seen=st.lists(st.integers(0, 500), min_size=1, unique=True), gap=st.integers(1, 60), data=st.data())
def test_visits_cover_every_minute_whatever_the_order(seen: list[int], gap: int, data: st.DataObject) -> None:
    found = visits({"T-1": [at(m) for m in seen]}, gap)
    assert found == visits({"T-1": [at(m) for m in data.draw(st.permutations(seen))]}, gap)
    assert all(sum(v.arrived_at <= at(m) < v.left_at for v in found) == 1 for m in seen)
    assert all(b.arrived_at - a.left_at >= timedelta(minutes=gap - 1) for a, b in pairwise(found))


def test_the_only_fitting_truck_at_the_gate_was_weighed() -> None:
    stays = [stay("T-1", 0, 10), stay("T-2", 2, 12)]
    assert truck_at_gate(stays, at(5), 10, {"T-1"}) == "T-1"
    assert truck_at_gate(stays, at(5), 10, {"T-1", "T-2"}) is None
    assert truck_at_gate(stays, at(11), 10, {"T-1", "T-2"}) == "T-2", "who is there goes before who was there"
    assert truck_at_gate(stays, at(60), 10, {"T-1"}) is None
    assert truck_at_gate(stays, at(5), 10, set()) is None


def test_a_weighing_belongs_to_the_nearest_stay() -> None:
    stays = [stay("T-1", 0, 10), stay("T-1", 18, 30)]
    assert visit_at(stays, at(5), 10) == stays[0]
    assert visit_at(stays, at(16), 10) == stays[1]
    assert visit_at(stays, at(60), 10) is None


def test_a_misread_plate_is_like_the_right_one() -> None:
    assert is_like("沪A12345", "沪A1234S")
    assert not is_like("沪A12345", "沪A1Z34S")
    assert not is_like("沪A12345", "沪A1234")


@given(lon=st.floats(121.3, 121.5), lat=st.floats(31.1, 31.3))
def test_the_grid_answers_as_each_gate_does(lon: float, lat: float) -> None:
    gates = [Gate("round", 121.45, 31.25, 300), Gate("ring", 121.405, 31.205, 0, [RING])]
    assert Gates(gates).at(lon, lat) == next((gate.station_id for gate in gates if gate.holds(lon, lat)), None)


def test_a_gate_is_round_or_as_it_is_drawn() -> None:
    gates = Gates([Gate("round", 121.45, 31.25, 150), Gate("ring", 121.405, 31.205, 0, [RING])])
    assert gates.at(121.4510, 31.25) == "round"
    assert gates.at(121.4520, 31.25) is None
    assert gates.at(121.4001, 31.2099) == "ring"
    assert Gates([]).at(121.4, 31.2) is None
