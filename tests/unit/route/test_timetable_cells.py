import json

import pytest

from services.route.domain import cells
from services.route.domain.timetable.weekdays import weekdays_of
from services.route.rulebooks import IMPORT_LIMITS
from shared.tables_in.cells import BadCell, clean_text, shown, text_of
from shared.tables_in.coordinates import coordinates_of
from shared.tables_in.decimals import decimal_of
from shared.tables_in.times import are_compact, second_of_day

LIMITS = IMPORT_LIMITS.versions[-1]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("一,三,五,六", {1, 3, 5, 6}),
        ("一、三、五", {1, 3, 5}),
        ("一；三;五", {1, 3, 5}),
        ("一三五", {1, 3, 5}),
        ("135", {1, 3, 5}),
        ("1,3,5", {1, 3, 5}),
        ("1 3 5", {1, 3, 5}),
        ("１，３，５", {1, 3, 5}),
        ("周一,周日", {1, 7}),
        ("周一周三", {1, 3}),
        ("每周二、四", {2, 4}),
        ("星期一/星期天", {1, 7}),
        ("禮拜六", {6}),
        ("日", {7}),
        ("天", {7}),
        ("Mon", {1}),
        ("Monday, Wednesday and Friday", {1, 3, 5}),
        ("Mon/Wed/Fri", {1, 3, 5}),
        ("MonWedFri", {1, 3, 5}),
        ("TUE;THU", {2, 4}),
        ("Tues Thurs", {2, 4}),
        ("周一至周五", {1, 2, 3, 4, 5}),
        ("一到三", {1, 2, 3}),
        ("Mon-Fri", {1, 2, 3, 4, 5}),
        ("Mon to Wed", {1, 2, 3}),
        ("1-5", {1, 2, 3, 4, 5}),
        ("六-一", {6, 7, 1}),
        ("1-3,6", {1, 2, 3, 6}),
        ("每日", {1, 2, 3, 4, 5, 6, 7}),
        ("每天", {1, 2, 3, 4, 5, 6, 7}),
        ("Daily", {1, 2, 3, 4, 5, 6, 7}),
        ("工作日", {1, 2, 3, 4, 5}),
        ("周末", {6, 7}),
        ("一,一", {1}),
        ('"一,三"', {1, 3}),
        ("一,三,", {1, 3}),
    ],
)
def test_weekdays_are_read_as_people_write_them(text: str, days: set[int]) -> None:
    assert weekdays_of(text) == days


@pytest.mark.parametrize("text", ["", "八", "0", "8", "1,9", "周", "每", "Mo-", "-Fri", "一--三", "sometimes", "一x", "M"])
def test_what_is_not_weekdays_to_the_last_letter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a list of weekdays"):
        weekdays_of(text)


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("18:30", 66_600),
        ("18:30:15", 66_615),
        ("18：30", 66_600),
        ("１８：３０", 66_600),
        ("8:05", 29_100),
        ("00:00", 0),
        ("24:00", 86_400),
        ("25:10", 90_600),
        ("1630", 59_400),
        ("2411", 87_060),
        ("0005", 300),
        ("930", 34_200),
        ("163015", 59_415),
    ],
)
def test_times_count_seconds_from_midnight_and_go_on_after_it(text: str, second: int) -> None:
    assert second_of_day(text) == second


@pytest.mark.parametrize(
    "text", ["18:60", "18:30:60", "48:00", "99:99", "2460", "4800", "30", "5", "18.30", "-1:00", "noon", "18:3", "18:"]
)
def test_a_time_that_no_clock_shows_is_bad(text: str) -> None:
    with pytest.raises(BadCell) as bad:
        second_of_day(text)
    assert bad.value.code == "bad_time"


def test_a_column_that_writes_its_times_without_colons_may_have_lost_the_zeros_before_them() -> None:
    assert are_compact(["5", "1630"])
    assert not are_compact(["5", "16:30", None, ""])
    assert [second_of_day(cell, compact=True) for cell in ("5", 45.0, "2411")] == [300, 2_700, 87_060]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("0", "0.0", "zero_coordinate"),
        ("23.039702", "23.039702", "lat_equals_lon"),
        ("120.312683", "120.312683", "lat_equals_lon"),
        ("23.1", "120.1", "lon_lat_swapped"),
        ("181", "23", "coordinate_out_of_range"),
        ("170000", "2550000", "coordinate_out_of_range"),
        ("120.1", "91", "coordinate_out_of_range"),
    ],
)
def test_a_place_that_cannot_be_is_named(lon: str, lat: str, code: str) -> None:
    with pytest.raises(BadCell) as bad:
        coordinates_of(float(lon), float(lat))
    assert bad.value.code == code


@pytest.mark.parametrize(
    "text", ["x", "nan", "1e999", "1_0", "true", "", "1 2", "--1", "1.2.3", True, float("inf"), float("nan")]
)
def test_what_is_no_number_is_named(text: object) -> None:
    with pytest.raises(BadCell) as bad:
        decimal_of(text, ".", "bad_coordinate")
    assert bad.value.code == "bad_coordinate"


@pytest.mark.parametrize("name", ["a\x00b", "a\x1b[31m", "a\ud800", "\u200b", "a\uffff", "x" * 201])
def test_names_that_cannot_be_shown_or_stored_are_bad(name: str) -> None:
    with pytest.raises(BadCell):
        clean_text(name, 200)


def test_a_name_that_shows_a_wrong_encoding_is_bad() -> None:
    with pytest.raises(BadCell, match="wrong encoding"):
        clean_text("a\ufffd", 200)


def test_line_breaks_and_invisible_marks_leave_a_name() -> None:
    assert clean_text(" 忠義街\r\n良美町\u200b　1號 ", 200) == "忠義街 良美町 1號"


def test_what_a_report_shows_can_always_be_encoded() -> None:
    text = shown("a\ud800\x00b" + "x" * 500)
    assert json.dumps(text, ensure_ascii=False).encode()
    assert text.startswith("a\\ud800\\x00b")
    assert text.endswith("…")


def test_cells_of_other_types_are_read_as_text() -> None:
    assert text_of([1, "三"]) == "1,三"
    assert text_of(3.0) == "3"
    assert text_of(None) == ""
    assert text_of(True) == "true"


@pytest.mark.parametrize(("text", "kg"), [("46", 46), ("46.5kg", 46), ("120 公斤", 120), ("0", 0)])
def test_weights_are_whole_kilograms(text: str, kg: int) -> None:
    assert cells.kg_of(decimal_of(cells.without_unit(text), "."), LIMITS) == kg


@pytest.mark.parametrize("text", ["-5", "heavy", "1e9", "NaN"])
def test_a_weight_that_no_truck_carries_is_bad(text: str) -> None:
    with pytest.raises(BadCell) as bad:
        cells.kg_of(decimal_of(cells.without_unit(text), ".", "bad_weight"), LIMITS)
    assert bad.value.code == "bad_weight"


def test_a_stream_is_known_by_its_chinese_names_too() -> None:
    assert cells.word_of("湿垃圾", LIMITS.streams, "unknown_stream") == "food"
    assert cells.word_of("Residual", LIMITS.streams, "unknown_stream") == "residual"
    with pytest.raises(BadCell, match="not one of recyclable"):
        cells.word_of("nuclear", LIMITS.streams, "unknown_stream")


def test_a_key_in_chinese_becomes_always_the_same_usable_id() -> None:
    assert cells.derived_id("七股-1") == cells.derived_id("七股-1") != cells.derived_id("七股-2")
    assert cells.is_id(cells.derived_id("七股-1"))
