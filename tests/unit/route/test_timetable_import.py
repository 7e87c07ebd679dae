from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.timetable.columns import BadMapping
from services.route.domain.timetable.file import parse_timetable
from services.route.domain.timetable.routes import Finding, Timetable
from services.route.rulebooks import IMPORT_LIMITS
from shared.geo import haversine_m, wgs84_to_gcj02
from shared.tables_in.decimals import AmbiguousNumbers
from shared.tables_in.reading import read_table
from shared.tables_in.table import Table

LIMITS = IMPORT_LIMITS.versions[-1]
TAINAN = Path(__file__).parents[4] / "shared/data/tainan_garbage_route_stops_2020-05.csv"
HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays"
ROUTE = [
    "R1,1,S1,里辦公處,18:00,120.200,23.000,一三五",
    "R1,2,S2,活動中心,18:05,120.201,23.001,一三五",
    "R1,3,S3,郵局,18:10,120.202,23.002,一三五",
    "R1,4,S4,學校,18:15,120.203,23.003,一三五",
]


def imported(*lines: str, header: str = HEADER, **options: Any) -> Timetable:
    return parse_timetable(read_table("\n".join([header, *lines]), "csv"), {}, LIMITS, **options)


def codes(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    return [(finding.row, finding.code) for finding in findings]


def test_a_clean_route_is_imported_without_a_word() -> None:
    timetable = imported(*ROUTE)
    assert (timetable.row_count, timetable.stop_count, timetable.rejected, timetable.warnings) == (4, 4, (), ())
    route = timetable.routes[0]
    assert (route.route_id, route.name, route.weekdays, route.stream) == ("R1", "R1", frozenset((1, 3, 5)), "residual")
    first = route.stops[0]
    assert (first.key, first.service_point_id, first.name, first.second) == ("1", "S1", "里辦公處", 64_800)
    assert (first.lon, first.lat, first.kind, first.expected_kg) == (120.2, 23.0, "street", None)


def test_a_mapping_says_which_column_holds_what_and_the_rest_goes_by_its_own_name() -> None:
    table = read_table('區,線,站名,時刻,lon,lat,星期\n安平區,5,郵局,18:10,120.2,23.0,"一,三"\n', "csv")
    mapping = {"district_id": "區", "route_id": "線", "name": "站名", "time": "時刻", "weekdays": "星期"}
    route = parse_timetable(table, mapping, LIMITS).routes[0]
    assert (route.route_id, route.district_id) == ("5", "安平區")
    assert (route.stops[0].name, route.stops[0].weekdays, route.stops[0].seq) == ("郵局", frozenset((1, 3)), 1)


def test_a_mapping_to_a_column_the_file_lacks_names_every_problem() -> None:
    with pytest.raises(BadMapping) as bad:
        parse_timetable(read_table("a,lon,lat\n1,2,3\n", "csv"), {"route_id": "b", "colour": "a"}, LIMITS)
    assert bad.value.problems == [
        "unknown field 'colour'",
        "route_id: the file has no column 'b' (it has: a, lon, lat)",
        "name: no column is mapped to it, and there is no default",
        "time: no column is mapped to it, and there is no default",
        "weekdays: no column is mapped to it, and there is no default",
    ]


def test_defaults_fill_what_the_file_does_not_say() -> None:
    table = read_table("route_id,name,time,lon,lat,stream\nR1,a,18:00,120.2,23.0,\nR1,b,18:05,120.2,23.0,food\n", "csv")
    stops = parse_timetable(table, {}, LIMITS, defaults={"weekdays": "每日", "stream": "recyclable"}).routes[0].stops
    assert [stop.stream for stop in stops] == ["recyclable", "food"]
    assert stops[0].weekdays == {1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("R1,5,S5,公園,,120.203,23.003,一", "missing_value", "time: is empty"),
        ("R1,5,S5,,18:20,120.203,23.003,一", "missing_value", "name: is empty"),
        (",5,S5,公園,18:20,120.203,23.003,一", "missing_value", "route_id: is empty"),
        ("R1,,S5,公園,18:20,120.203,23.003,一", "missing_value", "seq: is empty"),
        ("R1,5,S5,公園,18:20,,23.003,一", "missing_value", "lon: is empty"),
        ("R1,5,S5,公園,18:20,120.203,23.003", "missing_value", "weekdays: is empty"),
        ("R1,5,S5,公園,26:75,120.203,23.003,一", "bad_time", "time"),
        ("R1,5,S5,公園,18:20,120.203,23.003,八", "bad_weekdays", "weekdays"),
        ("R1,x,S5,公園,18:20,120.203,23.003,一", "bad_sequence", "seq"),
        ("R1,-1,S5,公園,18:20,120.203,23.003,一", "bad_sequence", "seq"),
        ("R1,5,S5,公園,18:20,NaN,23.003,一", "bad_coordinate", "not a number"),
        ("R1,5,S5,公園,18:20,23.003,120.203,一", "lon_lat_swapped", "latitude 120.203 is a longitude"),
        ("R1,5,S5,公園,18:20,0,0,一", "zero_coordinate", "both 0"),
        ("R1,5,S5,公園,18:20,23.003,23.003,一", "lat_equals_lon", "same number"),
        ("R1,5,S5,公園,18:20,1203,23.003,一", "coordinate_out_of_range", "not degrees"),
        ("R1,5,S5,公園,18:20,120.203,3.003,一", "far_from_route", "more than 25 km"),
        ("R1,5,S5,公園,18:20,120.203,23.657,一", "far_from_route", "73 km from the middle"),
        ("R1,5,S5,公\x07園,18:20,120.203,23.003,一", "bad_text", "U+0007"),
        ("R1,5,S5,公\ud800園,18:20,120.203,23.003,一", "bad_text", "surrogate"),
        ("R1,5,S5,公園,18:20,120.203,23.003,一,extra", "bad_row", "9 cells under 8 columns"),
        (",,,,,,,", "empty_row", "no cell has a value"),
        (ROUTE[0], "duplicate_stop", "row 1"),
        ("R1,5,S1,公園,18:20,120.220,23.020,一", "duplicate_stop_id", "another place"),
    ],
)
def test_a_bad_row_is_rejected_by_name_and_the_others_stay(line: str, code: str, words: str) -> None:
    timetable = imported(*ROUTE, line)
    assert codes(timetable.rejected) == [(5, code)]
    assert words in timetable.rejected[0].detail
    assert timetable.stop_count == 4


def test_a_rejection_shows_the_values_that_matter_under_the_files_own_names() -> None:
    table = read_table("线路,站点,时间,x,y,星期\n7,公园,26:75,120.2,23.0,一\n", "csv")
    mapping = {"route_id": "线路", "name": "站点", "time": "时间", "lon": "x", "lat": "y", "weekdays": "星期"}
    assert parse_timetable(table, mapping, LIMITS).rejected[0].values == {"线路": "7", "时间": "26:75"}


@pytest.mark.parametrize(
    ("extra", "line", "code"),
    [
        (",stream", ",nuclear", "unknown_stream"),
        (",stream", ",", "missing_value"),
        (",kind", ",moonbase", "unknown_kind"),
        (",expected_kg", ",-3", "bad_weight"),
        (",vehicle_id", ",沪A12345", "bad_id"),
        (",window_start,window_end", ",18:00,25:99", "bad_time"),
        (",window_start,window_end", ",19:00,19:00", "bad_window"),
    ],
)
def test_a_value_that_is_optional_must_still_be_right(extra: str, line: str, code: str) -> None:
    assert codes(imported(ROUTE[0] + line, header=HEADER + extra).rejected) == [(1, code)]


def test_windows_vehicles_weights_and_kinds_are_taken_over() -> None:
    header = HEADER + ",window_start,window_end,vehicle_id,expected_kg,kind,stream"
    route = imported(ROUTE[0] + ",17:50,18:20,T-001,120kg,小区,湿垃圾", header=header).routes[0]
    stop = route.stops[0]
    assert (route.vehicle_id, stop.expected_kg, stop.kind, stop.stream) == ("T-001", 120, "estate", "food")
    assert (stop.window_start_second, stop.window_end_second) == (64_200, 66_000)


def test_a_window_over_midnight_lies_around_its_stop_on_either_side() -> None:
    header = HEADER + ",window_start,window_end"
    before = imported("R1,1,S1,a,23:50,120.2,23.0,一,23:30,00:30", header=header).routes[0].stops[0]
    after = imported("R1,1,S1,a,00:10,120.2,23.0,一,23:30,00:30", header=header).routes[0].stops[0]
    assert (before.window_start_second, before.second, before.window_end_second) == (84_600, 85_800, 88_200)
    assert (after.window_start_second, after.second, after.window_end_second) == (-1_800, 600, 1_800)


def test_a_time_outside_its_own_window_is_kept_and_warned_of() -> None:
    timetable = imported(ROUTE[0] + ",19:00,20:00", header=HEADER + ",window_start,window_end")
    assert codes(timetable.warnings) == [(1, "time_outside_window")]


def test_a_tiny_route_is_held_against_the_middle_of_the_file() -> None:
    timetable = imported(*ROUTE, "R2,1,S9,漁港,18:00,120.2,3.08,一", "R3,1,S10,山村,18:00,120.7,23.4,一")
    assert codes(timetable.rejected) == [(5, "far_from_file")]


def test_a_long_country_route_may_have_far_ends() -> None:
    lines = [f"R1,{i},S{i},村{i},{8 + i:02}:00,{119.8 + i * 0.2:.1f},23.0,一" for i in range(8)]
    assert imported(*lines).rejected == ()


def test_swapped_coordinates_are_recognised_by_their_route_where_both_numbers_could_be_either() -> None:
    lines = [f"R1,{i},S{i},x,18:{i:02},-74.0{i},40.7{i},一" for i in range(5)]
    timetable = imported(*lines, "R1,6,S6,x,18:30,40.75,-74.05,一")
    assert codes(timetable.rejected) == [(6, "lon_lat_swapped")]


def test_chinese_map_coordinates_are_stored_as_wgs84() -> None:
    lon, lat = wgs84_to_gcj02(121.4365, 31.1885)
    line = f"R1,1,S1,箱房,18:00,{lon},{lat},一"
    stop = imported(line, datum="GCJ-02").routes[0].stops[0]
    assert haversine_m(stop.lon, stop.lat, 121.4365, 31.1885) < 0.01


def test_the_same_stop_on_another_weekday_is_no_repetition() -> None:
    timetable = imported("R1,1,S1,a,18:00,120.2,23.0,一", "R1,1,S1,a,18:00,120.2,23.0,二")
    assert (timetable.stop_count, timetable.rejected, timetable.warnings) == (2, (), ())
    assert [stop.key for stop in timetable.routes[0].stops] == ["1", "1.2"]


def test_a_place_visited_twice_in_a_run_stays_twice() -> None:
    timetable = imported(*ROUTE, "R1,5,S1,里辦公處,19:30,120.200,23.000,一三五")
    assert (timetable.stop_count, codes(timetable.warnings)) == (5, [(5, "stop_repeated")])


def test_two_routes_may_share_a_service_point() -> None:
    timetable = imported(*ROUTE, "R2,1,S1,里辦公處,07:00,120.200,23.000,二", header=HEADER)
    assert timetable.warnings == ()
    assert [point.service_point_id for point in timetable.service_points()] == ["S1", "S2", "S3", "S4"]


def test_one_stop_id_used_by_two_routes_for_different_places_loses_neither() -> None:
    timetable = imported(*ROUTE, "R2,1,S1,漁港,07:00,120.250,23.050,二")
    assert (timetable.rejected, codes(timetable.warnings)) == ((), [(5, "stop_id_reused")])
    assert {route.stops[0].service_point_id for route in timetable.routes} == {"R1.S1", "R2.S1"}


def test_a_repeated_sequence_is_kept_with_a_key_of_its_own() -> None:
    timetable = imported(*ROUTE, "R1,4,S5,公園,18:17,120.203,23.004,一三五")
    assert codes(timetable.warnings) == [(5, "duplicate_sequence")]
    assert [stop.key for stop in timetable.routes[0].stops] == ["1", "2", "3", "4", "4.2"]


def test_times_that_go_backwards_are_kept_and_warned_of() -> None:
    timetable = imported(*ROUTE, "R1,5,S5,公園,17:20,120.203,23.004,一三五")
    assert (timetable.stop_count, codes(timetable.warnings)) == (5, [(5, "time_goes_backwards")])


def test_a_route_that_passes_midnight_goes_on_the_next_day() -> None:
    timetable = imported(
        "R1,1,S1,a,22:00,120.200,23.000,一",
        "R1,2,S2,b,23:50,120.201,23.000,一",
        "R1,3,S3,c,00:05,120.202,23.000,一",
        "R1,4,S4,d,25:30,120.203,23.000,一",
    )
    assert timetable.warnings == ()
    assert [stop.second for stop in timetable.routes[0].stops] == [79_200, 85_800, 86_700, 91_800]


def test_a_morning_stop_at_the_end_of_a_day_route_is_not_taken_for_the_next_day() -> None:
    timetable = imported(*ROUTE, "R1,5,S5,公園,06:30,120.203,23.004,一三五")
    assert timetable.routes[0].stops[-1].second == 23_400
    assert codes(timetable.warnings) == [(5, "time_goes_backwards")]


def test_a_stop_out_of_reach_of_both_neighbours_is_kept_and_warned_of() -> None:
    lines = [*ROUTE[:2], "R1,3,S9,公園,18:07,120.300,23.002,一三五", *ROUTE[2:]]
    timetable = imported(*(line.replace("R1,3,S3", "R1,4,S3").replace("R1,4,S4", "R1,5,S4") for line in lines))
    assert (timetable.stop_count, codes(timetable.warnings)) == (5, [(3, "implausible_hop")])


def test_a_route_is_judged_by_its_own_spread_and_what_is_odd_there_is_named_and_kept() -> None:
    near = [f"R1,{n},S{n},路口{n},{18 + n // 60}:{n % 60:02},{120.2 + n * 0.001:.3f},23.0,一" for n in range(6)]
    last = "R1,6,S6,終點,18:30,120.440,23.0,一"
    timetable = imported(*near, last)
    assert (timetable.stop_count, codes(timetable.warnings)) == (7, [(7, "far_from_neighbours")])
    assert "終點: 24.1 km from its neighbours" in timetable.warnings[0].detail
    assert timetable.warnings[0].values["stop_id"] == "S6"
    country = [f"R1,{n},S{n},村{n},{8 + n}:00,{120.0 + n * 0.1:.1f},23.0,一" for n in range(5)]
    assert imported(*country).warnings == ()


def test_two_odd_stops_side_by_side_do_not_hide_each_other() -> None:
    near = [f"R1,{n},S{n},路口{n},18:{n:02},{120.2 + n * 0.001:.3f},23.0,一" for n in range(9)]
    odd = [f"R1,{n},S{n},錯{n},18:{n:02},120.36{n % 10},23.0,一" for n in (9, 10)]
    assert codes(imported(*near, *odd).warnings) == [(10, "far_from_neighbours"), (11, "far_from_neighbours")]


HHMM = (Path(__file__).parent / "timetable_hhmm.csv").read_bytes()


def test_times_without_colons_and_past_midnight_and_a_stop_of_no_length_are_read() -> None:
    mapping = {"time": "arrive", "window_start": "arrive", "window_end": "leave"}
    timetable = parse_timetable(read_table(HHMM), mapping, LIMITS, defaults={"weekdays": "daily"})
    assert timetable.rejected == ()
    stops = timetable.routes[0].stops
    assert [stop.second for stop in stops] == [60_300, 86_280, 87_300, 87_900]
    assert [(stop.window_start_second, stop.window_end_second) for stop in stops] == [
        (60_300, 60_720),
        (86_280, 86_460),
        (None, None),
        (87_900, 88_200),
    ]
    assert [(finding.code, finding.values["name"]) for finding in timetable.warnings] == [("far_from_neighbours", "末站")]


def test_a_window_that_is_one_moment_but_not_the_stop_s_is_no_window() -> None:
    header = HEADER + ",window_start,window_end"
    assert imported(ROUTE[0] + ",18:00,18:00", header=header).rejected == ()
    assert codes(imported(ROUTE[0] + ",18:05,18:05", header=header).rejected) == [(1, "bad_window")]


def test_decimal_commas_are_told_by_the_column_not_by_the_cell() -> None:
    header = "route_id;name;time;lon;lat;weekdays;expected_kg"
    lines = ["R1;a;18:00;120,201;23,001;一;1.250", "R1;b;18:05;120,2015;23,0015;一;7,5"]
    stops = imported(*lines, header=header).routes[0].stops
    assert [(stop.lon, stop.lat, stop.expected_kg) for stop in stops] == [(120.201, 23.001, 1250), (120.2015, 23.0015, 8)]
    with pytest.raises(AmbiguousNumbers, match=r"'1\.250' \(row 1\) can be 1\.25 or 1250.*decimal_mark"):
        imported(lines[0], header=header)
    assert imported(lines[0], header=header, decimal_mark=",").routes[0].stops[0].expected_kg == 1250


def test_keys_in_chinese_get_ids_of_their_own_and_are_named_once() -> None:
    timetable = imported(*(line.replace("R1,", "七股-1,") for line in ROUTE))
    assert codes(timetable.warnings) == [(1, "id_derived")]
    assert timetable.routes[0].name == "七股-1"
    assert timetable.routes[0].route_id.isascii()


def test_rows_that_disagree_about_their_route_are_named() -> None:
    lines = [f"{line},安平區" for line in ROUTE[:3]] + [f"{ROUTE[3]},北區"]
    timetable = imported(*lines, header=HEADER + ",district_id")
    assert timetable.routes[0].district_id == "安平區"
    assert codes(timetable.warnings) == [(4, "district_id_differs")]


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text("1一:.,- a\n\x00\ud800é", max_size=8),
    st.sampled_from(["R1", "18:00", "24:10", "一三", "120.2", "23.0", "a\ud800", "food", "S1", "1"]),
    st.lists(st.integers(0, 8), max_size=3),
)
ROWS = st.lists(st.dictionaries(st.sampled_from([*HEADER.split(","), "stream", "window_start", "window_end"]), CELL), max_size=12)


@given(ROWS)
def test_whatever_the_cells_hold_every_row_is_a_stop_or_one_rejection(rows: list[dict[str, Any]]) -> None:
    columns = [*HEADER.split(","), "stream", "window_start", "window_end"]
    timetable = parse_timetable(Table(columns, rows), {}, LIMITS)
    stop_rows = [stop.row for route in timetable.routes for stop in route.stops]
    assert sorted(stop_rows + [finding.row for finding in timetable.rejected]) == list(range(1, len(rows) + 1))


# --- a real city's timetable


@pytest.fixture(scope="module")
def tainan() -> Timetable:
    if not TAINAN.exists():
        pytest.skip(f"real timetable not found at {TAINAN}")
    mapping = {
        "district_id": "district",
        "seq": "stop_seq",
        "name": "stop_name",
        "time": "schedule_time",
        "weekdays": "days",
    }
    return parse_timetable(read_table(TAINAN.read_bytes(), "csv"), mapping, LIMITS)


def test_every_row_of_tainan_is_a_stop_or_a_rejection(tainan: Timetable) -> None:
    assert (tainan.row_count, tainan.stop_count, len(tainan.routes)) == (16_967, 16_961, 382)
    assert len(tainan.rejected) == 6


def test_exactly_the_wrong_coordinates_of_tainan_are_rejected(tainan: Timetable) -> None:
    assert [(f.code, f.values["stop_id"], f.values["lat"]) for f in tainan.rejected] == [
        ("far_from_route", "7604", "3.089629"),
        ("far_from_route", "7677", "3.084266"),
        ("lat_equals_lon", "17433", "23.039702"),
        ("lat_equals_lon", "17543", "23.039702"),
        ("lat_equals_lon", "8907", "120.312683"),
        ("far_from_route", "810", "23.657"),
    ]


def test_what_is_odd_about_tainan_is_warned_of(tainan: Timetable) -> None:
    assert Counter(finding.code for finding in tainan.warnings) == {
        "stop_id_reused": 37,
        "far_from_neighbours": 29,
        "time_goes_backwards": 28,
        "implausible_hop": 7,
        "duplicate_sequence": 4,
        "line_break_in_name": 1,
    }


def test_every_service_point_of_tainan_has_an_id_of_its_own(tainan: Timetable) -> None:
    assert len(tainan.service_points()) == tainan.stop_count
    assert all(len({stop.key for stop in route.stops}) == len(route.stops) for route in tainan.routes)


def test_of_several_bad_cells_the_first_field_is_named() -> None:
    header = f"{HEADER},vehicle_id,valid_from,valid_to"
    timetable = imported("R1,1,S1,a,18:00,120.2,23.0,一,T 1,2026-12-01,2026-11-01", header=header)
    assert codes(timetable.rejected) == [(1, "bad_id")]
