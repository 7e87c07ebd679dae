"""What counts as a discrepancy, how a scale is read, and that what is posted always closes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.weighing import RESIDUE, TIPPED, UNLOADED, Part, Trip, judge_trip, of_haul, of_trip, scale_of
from services.gateway.rulebooks import BALANCE_RULES

TEN = datetime(2026, 11, 16, 2, tzinfo=UTC)
RULES = BALANCE_RULES.at(TEN)


def trip(net_kg: int, lifted_kg: int, hours: float = 0, stream: str = "residual", *, first: bool = False) -> Trip:
    end = TEN + timedelta(hours=hours)
    parts = [Part(stream, "310104003", "C-1", lifted_kg, 9)] if lifted_kg else []
    return Trip(f"K-{hours}", "T-1", None if first else end - timedelta(hours=1), end, "residual", net_kg, parts)


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (trip(5_000, 5_100), "within_tolerance"),
        (trip(5_000, 5_160), "unexplained"),
        (trip(300, 355), "within_tolerance"),
        (trip(5_000, 0, first=True), "first_trip"),
        (trip(5_000, 5_000, stream="food"), "other_stream"),
        (trip(5_000, 0), "unexplained"),
    ],
)
def test_a_trip_is_judged_by_the_larger_of_share_and_kilograms(one: Trip, name: str) -> None:
    assert judge_trip(one, None, RULES.trip, weighs=True).name == name


def test_a_truck_without_a_scale_and_a_ticket_without_a_truck_have_names_of_their_own() -> None:
    assert judge_trip(trip(5_000, 0), None, RULES.trip, weighs=False).name == "no_onboard_scale"
    nobody = Trip("K", None, None, TEN, "residual", 5_000, [])
    assert judge_trip(nobody, None, RULES.trip, weighs=True).name == "no_vehicle"


@given(st.floats(0.8, 1.25), st.lists(st.integers(800, 9_000), min_size=5, max_size=25), st.integers(0, 24), st.randoms())
def test_a_drifting_scale_is_read_within_one_percent_beside_a_stolen_load(factor, nets, stolen, rng) -> None:  # type: ignore[no-untyped-def]
    trips = [trip(net, round(net * factor * rng.uniform(0.996, 1.004)), n) for n, net in enumerate(nets)]
    thief = stolen % len(trips)
    trips[thief] = trip(round(nets[thief] * 0.6), trips[thief].lifted_kg, thief)
    scale = scale_of(trips, RULES.drift)
    assert scale is not None
    assert scale.factor == pytest.approx(factor, abs=0.01)
    if abs(factor - 1) > RULES.drift.limit + 0.01:
        assert scale.drifts
        names = Counter(judge_trip(each, scale, RULES.trip, weighs=True).name for each in trips)
        assert names["unexplained"] >= (trips[thief].net_kg > RULES.trip.least_kg / 0.4)


def test_too_few_or_disagreeing_trips_say_nothing_of_a_scale() -> None:
    three = scale_of([trip(5_000, 5_500, n) for n in range(3)], RULES.drift)
    assert three is not None
    assert not three.drifts
    wild = scale_of([trip(5_000, kg, n) for n, kg in enumerate([4_000, 6_500, 5_900, 4_600, 7_000, 5_200])], RULES.drift)
    assert wild is not None
    assert not wild.drifts
    assert scale_of([], RULES.drift) is None


PARTS = st.builds(
    Part,
    st.sampled_from(["residual", "food", "unsorted"]),
    st.sampled_from(["", "310104003", "310104012"]),
    st.sampled_from(["", "C-1"]),
    st.integers(0, 9_000),
    st.integers(1, 99),
)


@given(st.lists(PARTS, max_size=6), st.integers(0, 20_000), st.sampled_from(["residual", "food"]))
def test_what_a_trip_posts_closes_for_every_stream_district_and_contractor(parts: list[Part], net_kg: int, stream: str) -> None:
    one = Trip("K", "T-1", TEN, TEN, stream, net_kg, parts, "S-1", "C-1", "310104003")
    left: Counter[tuple[str, str, str]] = Counter()
    for flow in of_trip(one, "within_tolerance"):
        sign = {UNLOADED: 1, TIPPED: -1, RESIDUE + "within_tolerance": -1}[flow.stage]
        left[flow.stream, flow.district_id, flow.contractor_id] += sign * flow.net_kg
    assert not any(left.values())


@given(st.integers(0, 30_000), st.dictionaries(st.sampled_from(["310104003", "310101", "unknown"]), st.integers(0, 20_000)))
def test_a_haul_is_posted_whole_whatever_its_origins_say(net_kg: int, origins: dict[str, int]) -> None:
    flows = of_haul("S-1", "residual", net_kg, origins)
    assert sum(flow.net_kg for flow in flows) == net_kg
    assert sum(flow.facts for flow in flows) == 1
