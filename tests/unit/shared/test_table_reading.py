import asyncio
import gzip
import io
import json
import resource
import zipfile
import zlib
from collections.abc import Callable

import pytest
import xlsxwriter

from shared.clock import monotonic
from shared.tables_in.reading import read_features, read_table
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


# --- what a file may be ------------------------------------------------------------------------------------------

ROWS = [["线路", "站点", "时间"], ["N7", "中山路口", "16:43"], ["N7", "和平路", "24:05"]]
READ = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def workbook(rows: list[list[object]], *, before: str | None = None) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        if before:
            book.add_worksheet(before)
        sheet = book.add_worksheet("数据")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def open_document(rows: list[list[str]]) -> bytes:
    """The least that is an ODS file."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = ("".join(cell.format(text) for text in row) for row in rows)
    cells = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in names.items())
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{entry}</manifest:manifest>',
        )
        packed.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
            f'<table:table table:name="A">{cells}</table:table></office:spreadsheet></office:body></office:document-content>',
        )
    return content.getvalue()


CSV = "".join(";".join(row) + "\r\n" for row in ROWS)
LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in READ)
FILES = {
    "GB 18030": CSV.encode("gb18030"),
    "UTF-16 without a mark": CSV.encode("utf-16-le"),
    "UTF-16, big end first": CSV.encode("utf-16-be"),
    "UTF-32": CSV.encode("utf-32"),
    "gzip": gzip.compress(CSV.encode()),
    "gzip twice, in two members": gzip.compress(gzip.compress(CSV.encode()[:20]) + gzip.compress(CSV.encode()[20:])),
    "XLSX": workbook([[*row] for row in ROWS], before="empty"),
    "XLSX in gzip": gzip.compress(workbook([[*row] for row in ROWS])),
    "ODS": open_document(ROWS),
    "JSON": json.dumps(READ).encode(),
    "JSON lines": LINES.encode(),
    "JSON lines in GB 18030": LINES.encode("gb18030"),
    "one JSON line after another, blank ones between": LINES.replace("\n", "\r\n\r\n").encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_rows_are_read_from_any_file(name: str) -> None:
    table = read_table(FILES[name])
    assert (table.columns, table.rows, table.broken) == (ROWS[0], READ, {})


def test_an_encoding_that_is_told_wrong_can_be_said() -> None:
    content = "線路,站點\n七股,中山路口\n".encode("big5")
    assert read_table(content, encoding="big5").rows == [{"線路": "七股", "站點": "中山路口"}]
    with pytest.raises(UnreadableFile, match="say in `encoding`"):
        read_table(content, encoding="utf-8")


def test_dates_times_and_numbers_of_a_sheet_are_what_they_are() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["clock", "long", "wrapped", "day", "moment", "kg"])
        values = [0.6965277778, 1.0076388889, 1.0076388889, 46000, 46000.5, 7650]
        shapes = ["hh:mm", "[h]:mm", "hh:mm", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0.0"]
        for column, (value, shape) in enumerate(zip(values, shapes, strict=True)):
            sheet.write_number(1, column, value, book.add_format({"num_format": shape}))
    [row] = read_table(content.getvalue()).rows
    assert [*row.values()] == ["16:43:00", "24:11:00", "24:11:00", "2025-12-09", "2025-12-09 12:00:00", 7650.0]


def test_a_sheet_is_chosen_by_its_name() -> None:
    content = workbook([["a"], ["1"]], before="first")
    assert read_table(content, sheet="数据").rows == [{"a": "1"}]
    with pytest.raises(UnreadableFile, match="no sheet 'x'; it has first, 数据"):
        read_table(content, sheet="x")


def test_a_line_of_json_that_is_none_breaks_its_row_only() -> None:
    table = read_table(b'{"a": 1}\n{"a": 2}\n{"a": \n7\n{"a": 3}\n')
    assert [row.get("a") for row in table.rows] == [1, 2, None, None, 3]
    assert list(table.broken) == [3, 4]


def test_a_file_of_one_line_is_a_row() -> None:
    assert read_table(b'{"vehicle_id": "N-1", "waste_streams": ["food"]}\n').rows == [
        {"vehicle_id": "N-1", "waste_streams": ["food"]}
    ]


def test_a_geojson_file_names_its_own_coordinate_system() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:4490"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": []}
    assert read_table(json.dumps(collection).encode()).crs == "EPSG:4490"
    assert read_features(collection).crs == "EPSG:4490"


# --- bombs


def far_cell() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_number(0, 0, 1)
        sheet.write_number(1_048_575, 16_383, 1)
    return content.getvalue()


def swollen() -> bytes:
    """A text in a workbook that is 1 GB when unpacked."""
    packed = zipfile.ZipFile(io.BytesIO(workbook([["a"], ["b"]])))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as swollen:
        for name in packed.namelist():
            with swollen.open(name, "w", force_zip64=True) as part:
                head, mark, rest = packed.read(name).partition(b"<t>")
                part.write(head + mark)
                for _ in range(1024 if name == "xl/sharedStrings.xml" else 0):
                    part.write(b"x" * (1 << 20))
                part.write(rest)
    return content.getvalue()


def gzip_bomb() -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    return b"".join([*(squeeze.compress(bytes(1 << 20)) for _ in range(100)), squeeze.flush()])


@pytest.mark.parametrize("make", [far_cell, swollen, gzip_bomb, lambda: gzip.compress(gzip.compress(gzip.compress(b"a,b")))])
def test_a_small_file_that_becomes_a_huge_one_is_refused_and_costs_little(make: Callable[[], bytes]) -> None:
    content = make()
    assert len(content) < 2 << 20
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile):
        read_table(content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 200_000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04 is no workbook", "not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 neither", "not a workbook"),
        (b"\x1f\x8b nor this gzip", "not"),
        (gzip.compress(b"a,b\n1,2\n")[:-6], "cut off"),
        (workbook([]), "empty"),
        (b"\xff\xfe\x00", "say in `encoding`"),
        ("\n".join(["a,b", *["1,2"] * 300_001]).encode(), "send it in parts"),
    ],
    ids=["no workbook", "no old workbook", "no gzip", "cut off", "empty", "half a character", "too long"],
)
def test_what_cannot_be_read_says_why(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        read_table(content)


async def test_reading_a_big_file_in_a_thread_leaves_the_loop_free() -> None:
    rows = [{"id": n, "name": "中山路口", "at": "16:43", "lon": 121.5 + n / 1e6, "lat": 31.2} for n in range(60_000)]
    cells = [list(rows[0]), *([str(cell) for cell in row.values()] for row in rows)]
    files = [
        json.dumps(rows).encode(),
        "\n".join(json.dumps(row) for row in rows).encode(),
        "\n".join(",".join(row) for row in cells).encode("gb18030"),
        workbook([[*row] for row in cells[:20_000]]),
    ]
    for content in files:
        assert min([await longest_wait(content) for _ in range(3)]) < 0.25, content[:20]


async def longest_wait(content: bytes) -> float:
    """Of anything else in the loop, as a part of the time that the reading took."""
    reading = asyncio.create_task(asyncio.to_thread(read_table, content))
    started, longest = monotonic(), 0.0
    while not reading.done():
        began = monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, monotonic() - began)
    assert len(reading.result().rows) in {60_000, 19_999}
    return longest / (monotonic() - started)
