import pytest

from shared.tables_in.reading import read_table
from shared.tables_in.table import UnreadableFile


def rows(content: str | bytes, file_format: str = "csv") -> list[dict[str, object]]:
    return read_table(content, file_format).rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    lines = ["route,stop,days".replace(",", delimiter), "7,中山路1號,一".replace(",", delimiter)]
    assert rows("\n".join(lines)) == [{"route": "7", "stop": "中山路1號", "days": "一"}]


def test_quoted_weekdays_with_commas_are_one_cell() -> None:
    assert rows('route,days,time\r\n7,"一,三,五",18:30\r\n') == [{"route": "7", "days": "一,三,五", "time": "18:30"}]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert read_table("\ufeffroute,stop\n7,1\n", "csv").columns == ["route", "stop"]
    assert read_table(b"\xef\xbb\xbfroute,stop\n7,1\n", "csv").columns == ["route", "stop"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_bytes_are_read_in_the_encoding_they_are_in(encoding: str) -> None:
    assert rows("线路,站点\n七股-1,中山路口\n".encode(encoding)) == [{"线路": "七股-1", "站点": "中山路口"}]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_blank_lines_are_no_rows_whatever_ends_a_line(line_end: str) -> None:
    text = line_end.join(["", "route,stop", "", "1,a", "   ", "2,b", "", ""])
    assert rows(text) == [{"route": "1", "stop": "a"}, {"route": "2", "stop": "b"}]


def test_a_spreadsheets_separator_line_is_obeyed() -> None:
    assert rows("sep=;\r\nroute;days\r\n7;1,3\r\n") == [{"route": "7", "days": "1,3"}]


def test_a_line_break_inside_quotes_stays_in_its_cell() -> None:
    assert rows('route,stop\n7,"忠義街\n良美町"\n') == [{"route": "7", "stop": "忠義街\n良美町"}]


def test_a_row_with_too_many_cells_is_named_and_one_with_too_few_just_lacks_them() -> None:
    table = read_table("route,stop\n7,a,b\n8\n9,c,\n", "csv")
    assert table.broken == {1: "3 cells under 2 columns"}
    assert table.rows[1:] == [{"route": "8"}, {"route": "9", "stop": "c"}]


def test_a_column_name_given_twice_keeps_both_columns() -> None:
    assert rows("name,time,name\na,18:30,b\n") == [{"name": "a", "time": "18:30", "name (2)": "b"}]


def test_a_quote_that_is_never_closed_refuses_the_file_instead_of_swallowing_rows() -> None:
    with pytest.raises(UnreadableFile, match="never closed"):
        rows('route,stop\n1,"a\n' + "2,b\n" * 50)


@pytest.mark.parametrize("text", ["", "\n\n", "   \n"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        rows(text)


def test_json_rows_may_be_a_list_or_the_one_list_of_an_object() -> None:
    assert rows('[{"route": 7}]', "json") == [{"route": 7}]
    assert rows('{"city": "x", "items": [{"route": 7}]}', "json") == [{"route": 7}]


def test_json_routes_with_their_stops_become_one_row_for_each_stop() -> None:
    text = '[{"route": "R1", "stops": [{"seq": 1, "at": {"lon": 120.1, "lat": 23.1}}, {"seq": 2}]}]'
    assert rows(text, "json") == [{"route": "R1", "seq": 1, "at.lon": 120.1, "at.lat": 23.1}, {"route": "R1", "seq": 2}]


def test_json_nan_stays_a_word_to_be_rejected_with_its_row() -> None:
    assert rows('[{"lon": NaN, "lat": -Infinity}]', "json") == [{"lon": "NaN", "lat": "-Infinity"}]


def test_a_json_row_that_is_no_object_is_named() -> None:
    assert read_table('[{"route": 7}, 8, null]', "json").broken == {
        2: "a int, not an object",
        3: "a NoneType, not an object",
    }


def test_geojson_points_become_lon_and_lat_beside_their_properties() -> None:
    text = """{"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"route": 7}, "geometry": {"type": "Point", "coordinates": [120.1, 23.1, 4]}},
        {"type": "Feature", "properties": {"route": 8}, "geometry": null}]}"""
    assert rows(text, "geojson") == [{"route": 7, "lon": 120.1, "lat": 23.1}, {"route": 8}]


@pytest.mark.parametrize(
    ("text", "file_format"),
    [
        ("{", "json"),
        ("[" * 100_000, "json"),
        ('{"a": [], "b": []}', "json"),
        ("7", "json"),
        ("[]", "geojson"),
        ('{"features": 3}', "geojson"),
        ("a,b", "xlsx"),
    ],
)
def test_what_is_not_the_promised_format_is_refused(text: str, file_format: str) -> None:
    with pytest.raises(UnreadableFile):
        read_table(text, file_format)


def test_deep_nesting_breaks_its_row_only() -> None:
    deep = '{"a":' * 900 + "1" + "}" * 900
    table = read_table(f'[{deep}, {{"route": 7}}]', "json")
    assert table.rows[1] == {"route": 7}
