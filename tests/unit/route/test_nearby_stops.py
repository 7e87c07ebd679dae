from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.nearby import NearbyStops
from shared.geo import haversine_m


class Spot(NamedTuple):
    lon: float
    lat: float


def test_the_nearest_stop_within_the_radius_is_found_with_its_distance() -> None:
    nearby = NearbyStops([Spot(120.2000, 23.0), Spot(120.2008, 23.0)], radius_m=60)
    found = nearby.nearest(120.2006, 23.0)
    assert found is not None
    assert (found[0], round(found[1], 1)) == (1, 20.5)
    assert nearby.nearest(120.2030, 23.0) is None


def test_of_two_stops_at_one_place_the_first_given_is_found() -> None:
    nearby = NearbyStops([Spot(120.2, 23.0), Spot(120.2, 23.0)], radius_m=60)
    assert nearby.nearest(120.2, 23.0) == (0, 0.0)


def test_without_stops_nothing_is_near() -> None:
    assert NearbyStops([], radius_m=60).nearest(120.2, 23.0) is None


SPOT = st.builds(Spot, st.floats(120.0, 120.02), st.floats(22.9, 23.6).map(lambda lat: round(lat, 3)))


@given(st.lists(SPOT, max_size=20), st.floats(119.999, 120.021), st.floats(22.899, 23.601))
def test_the_grid_finds_what_comparing_with_every_stop_finds(stops: list[Spot], lon: float, lat: float) -> None:
    distances = [haversine_m(lon, lat, *stop) for stop in stops]
    found = NearbyStops(stops, radius_m=500).nearest(lon, lat)
    if found is None:
        assert min(distances, default=1e9) > 499.9
    else:
        assert abs(found[1] - distances[found[0]]) < 0.1
        assert distances[found[0]] - min(distances) < 0.1
