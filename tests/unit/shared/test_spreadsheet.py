"""Spreadsheets as a reader of theirs sees them."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from shared.spreadsheet import Cell, Format, Table, export

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)  # in Shanghai
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EXCEL_DAY = 46342  # 2026-11-16, counted from 1899-12-30


def table(*rows: tuple[Cell, ...], name: str = "x") -> Table:
    return Table(name, [("名称", "Name"), ("数", "Number")], rows, ZoneInfo("Asia/Shanghai"))


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[tuple[str, str]]]:
    """type and value of each cell, shared strings looked up."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        strings = ["".join(item.itertext()) for item in ET.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{XML}f")), "a formula"
    rows = []
    for row in sheet.iter(f"{XML}row"):
        cells = [(cell.get("t", "n"), cell.findtext(f"{XML}v") or "") for cell in row]
        rows.append([(kind, strings[int(value)] if kind == "s" else value) for kind, value in cells])
    return rows


def test_csv_begins_with_a_mark_that_says_utf_8_and_both_languages() -> None:
    content = export(table(("天平路", 3)), "csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    assert read_csv(content) == [["名称 / Name", "数 / Number"], ["天平路", "3"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula(text: str) -> None:
    assert read_csv(export(table((text, -1)), "csv").content)[1] == [f"'{text}", "-1"]
    kind, value = read_xlsx(export(table((text, -1)), "xlsx").content)[1][0]
    assert (kind, value.replace("_x000D_", "\r")) == ("s", text)


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    assert read_csv(export(table(('a, "b"\nc', None)), "csv").content)[1] == ['a, "b"\nc', ""]


def test_times_are_those_of_the_citys_clock_and_dates_and_numbers_are_real_in_xlsx() -> None:
    assert read_csv(export(table((NOON, 0.5), (date(2026, 11, 16), 2)), "csv").content)[1:] == [
        ["2026-11-16 12:00:00", "0.5"],
        ["2026-11-16", "2"],
    ]
    assert read_xlsx(export(table((NOON, 0.5), (date(2026, 11, 16), 2)), "xlsx").content)[1:] == [
        [("n", f"{EXCEL_DAY}.5"), ("n", "0.5")],
        [("n", str(EXCEL_DAY)), ("n", "2")],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_named_without_anything_a_header_or_a_disk_could_misread(kind: Format) -> None:
    file = export(table(name='run-2026-11-16:R"1/站\r\n'), kind)
    assert re.fullmatch(rf"run-2026-11-16-R-1-\.{kind}", file.name)
    assert file.disposition == f'attachment; filename="{file.name}"'


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        export(table((NOON.replace(tzinfo=None), 1)), "csv")
