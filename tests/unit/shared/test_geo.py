import pytest

from shared.geo import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    crossing_fractions,
    datum_of,
    flat_m,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    haversine_m,
    point_in_polygon,
    simplified,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# (lon, lat) of one place in WGS-84, GCJ-02, BD-09
PLACES = [
    ((121.5272106, 31.1774276), (121.5315419, 31.1753040), (121.5380157, 31.1813286)),
    ((113.912316, 22.543847), (113.9171765, 22.5407961), (113.9236847, 22.5466674)),
    ((116.377817, 39.911954), (116.3840472, 39.9133455), (116.3904547, 39.9195756)),
]
XUHUI = ((121.4365, 31.1885), (121.4411164, 31.1866187))
SQUARE = [[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]]]
SQUARE_WITH_HOLE = [*SQUARE, [[4.0, 4.0], [6.0, 4.0], [6.0, 6.0], [4.0, 6.0], [4.0, 4.0]]]


def test_one_degree_of_latitude_is_111_kilometres() -> None:
    assert haversine_m(121.0, 31.0, 121.0, 32.0) == pytest.approx(111_195, abs=1)
    assert haversine_m(0.0, 0.0, 180.0, 0.0) == pytest.approx(20_015_115, abs=10)


def test_the_fast_distance_agrees_with_the_great_circle_within_a_city() -> None:
    exact = haversine_m(121.1, 31.0, 121.6, 31.4)
    assert flat_m(121.1, 31.0, 121.6, 31.4) == pytest.approx(exact, rel=1e-3)
    assert flat_m(121.1, 31.0, 121.1, 31.0) == 0


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), PLACES)
def test_published_places_convert_between_all_three_datums(
    wgs84: tuple[float, float], gcj02: tuple[float, float], bd09: tuple[float, float]
) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-7)
    assert gcj02_to_bd09(*gcj02) == pytest.approx(bd09, abs=2e-7)
    assert wgs84_to_bd09(*wgs84) == pytest.approx(bd09, abs=2e-7)
    assert gcj02_to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-7)
    assert bd09_to_wgs84(*bd09) == pytest.approx(wgs84, abs=1e-5)  # BD-09 itself inverts to about a metre


def test_the_standard_point_read_in_each_datum() -> None:
    assert wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.41024450, 39.91640428), abs=1e-8)
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036950, 39.92133699), abs=1e-8)
    assert bd09_to_gcj02(116.404, 39.915) == pytest.approx((116.39762729, 39.90865674), abs=1e-8)


def test_the_way_back_to_wgs84_loses_less_than_a_millimetre() -> None:
    there = wgs84_to_gcj02(*XUHUI[0])
    assert there == pytest.approx(XUHUI[1], abs=1e-7)
    assert haversine_m(*gcj02_to_wgs84(*there), *XUHUI[0]) < 0.001


def test_outside_china_nothing_is_shifted() -> None:
    assert wgs84_to_gcj02(-74.05, 40.72) == (-74.05, 40.72)
    assert gcj02_to_wgs84(-74.05, 40.72) == (-74.05, 40.72)


def test_a_datum_is_chosen_by_its_name_and_an_unknown_one_refused() -> None:
    assert to_wgs84("WGS-84", 121.5, 31.2) == (121.5, 31.2)
    assert to_wgs84("GCJ-02", *XUHUI[1]) == pytest.approx(XUHUI[0], abs=1e-7)
    with pytest.raises(KeyError):
        to_wgs84("NAD-27", 121.5, 31.2)


def test_a_point_is_inside_its_polygon_but_not_inside_the_hole() -> None:
    assert point_in_polygon(2.0, 2.0, SQUARE_WITH_HOLE)
    assert not point_in_polygon(5.0, 5.0, SQUARE_WITH_HOLE)
    assert not point_in_polygon(11.0, 5.0, SQUARE_WITH_HOLE)
    assert not point_in_polygon(1.0, 1.0, [])


def test_a_ring_may_be_left_open() -> None:
    assert point_in_polygon(2.0, 2.0, [SQUARE[0][:-1]])
    assert crossing_fractions((-5.0, 5.0), (15.0, 5.0), [SQUARE[0][:-1]]) == pytest.approx([0.25, 0.75])


def test_a_point_on_a_shared_edge_belongs_to_exactly_one_neighbour() -> None:
    right = [[[lon + 10, lat] for lon, lat in SQUARE[0]]]
    assert point_in_polygon(10.0, 5.0, SQUARE) != point_in_polygon(10.0, 5.0, right)


def test_a_fence_jumped_between_two_fixes_is_entered_and_left() -> None:
    assert crossing_fractions((-5.0, 5.0), (15.0, 5.0), SQUARE) == pytest.approx([0.25, 0.75])


def test_each_edge_of_a_hole_is_a_crossing_too() -> None:
    assert crossing_fractions((-10.0, 5.0), (20.0, 5.0), SQUARE_WITH_HOLE) == pytest.approx([10 / 30, 14 / 30, 16 / 30, 20 / 30])


def test_a_way_in_crosses_once_and_a_way_outside_never() -> None:
    assert crossing_fractions((-10.0, 5.0), (5.0, 5.0), SQUARE) == pytest.approx([10 / 15])
    assert crossing_fractions((-10.0, 20.0), (20.0, 20.0), SQUARE) == []
    assert crossing_fractions((5.0, 5.0), (5.0, 5.0), SQUARE) == []


def test_a_way_through_a_corner_counts_it_once_and_a_touched_corner_not_at_all() -> None:
    assert crossing_fractions((-5.0, -5.0), (5.0, 5.0), SQUARE) == pytest.approx([0.5])
    assert crossing_fractions((-5.0, 5.0), (5.0, -5.0), SQUARE) in ([], pytest.approx([0.5, 0.5]))


def test_a_straight_line_keeps_only_its_ends() -> None:
    assert simplified([(121.0 + i / 1000, 31.0) for i in range(50)], 5) == [0, 49]


def test_a_corner_farther_off_than_the_tolerance_is_kept() -> None:
    line = [(121.0, 31.0), (121.01, 31.0), (121.02, 31.0001), (121.02, 31.02)]
    assert simplified(line, 50) == [0, 2, 3]
    assert simplified(line, 5) == [0, 1, 2, 3]


def test_a_loop_that_ends_where_it_began_is_not_collapsed() -> None:
    loop = [(121.0, 31.0), (121.01, 31.0), (121.01, 31.01), (121.0, 31.0)]
    assert simplified(loop, 10) == [0, 1, 2, 3]


def test_short_lines_and_a_zero_tolerance_keep_everything() -> None:
    assert simplified([], 10) == []
    assert simplified([(121.0, 31.0), (121.0, 31.0)], 10) == [0, 1]
    assert simplified([(121.0, 31.0)] * 3, 0) == [0, 1, 2]


NAMES = {
    "WGS-84": "WGS-84 wgs84 WGS_1984 EPSG:4326 epsg:4326 urn:ogc:def:crs:EPSG::4326 ４３２６ GPS OGC:CRS84 "
    "urn:ogc:def:crs:OGC:1.3:CRS84 http://www.opengis.net/def/crs/EPSG/0/4326",
    "CGCS2000": "CGCS2000 CGCS-2000 EPSG:4490 urn:ogc:def:crs:EPSG::4490 国家2000 2000国家大地坐标系 "
    "GCS_China_Geodetic_Coordinate_System_2000",
    "GCJ-02": "GCJ-02 gcj02 GCJ02 gcj_02 火星坐标系 高德",
    "BD-09": "BD-09 bd09 bd09ll BD09 百度坐标系",
}


@pytest.mark.parametrize(("datum", "name"), [(datum, name) for datum, names in NAMES.items() for name in names.split()])
def test_a_datum_is_known_by_its_usual_names(datum: str, name: str) -> None:
    assert datum_of(name) == datum


@pytest.mark.parametrize(
    "name", ["", "Mars", "EPSG:3857", "EPSG:4547", "urn:ogc:def:crs:EPSG::3857", "bd09mc", "4326 3857", "x" * 999]
)
def test_what_is_no_datum_in_degrees_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="is none of WGS-84"):
        datum_of(name)


def test_cgcs2000_is_wgs84_within_centimetres() -> None:
    assert to_wgs84("CGCS2000", *XUHUI[0]) == XUHUI[0]
