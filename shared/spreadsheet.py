"""Tables for people who work in spreadsheets: CSV that Excel reads as UTF-8, and XLSX with real dates and numbers.

A text that a spreadsheet would take for a formula is none: in CSV it gets an apostrophe, in XLSX it is stored as text.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shared.clock import require_aware

Cell = str | int | float | date | datetime | None
Format = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}}
}
"""How an endpoint that answers with a spreadsheet is documented."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: what a person reads above each, zh-CN and English. Times are aware and shown in `zone`."""

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Cell]]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes

    @property
    def disposition(self) -> str:
        """The value of Content-Disposition."""
        return f'attachment; filename="{self.name}"'


def export(table: Table, kind: Format) -> File:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", table.name)
    return File(f"{name}.{kind}", MEDIA_TYPES[kind], _csv(table) if kind == "csv" else _xlsx(table))


def _headers(table: Table) -> list[str]:
    return [f"{zh} / {en}" for zh, en in table.columns]


def _csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_headers(table))
    writer.writerows([_as_text(cell, table.zone) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _as_text(cell: Cell, zone: ZoneInfo) -> str | int | float:
    if isinstance(cell, datetime):
        return f"{_local(cell, zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else str(cell)
    return "" if cell is None else cell


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """As a clock on the wall shows it: a spreadsheet knows no time zones."""
    return require_aware(at).astimezone(zone).replace(tzinfo=None)


def _xlsx(table: Table) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        formats: dict[type[date], Any] = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(_headers(table)):
            sheet.write_string(0, column, header, bold)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, table.zone, formats)
        sheet.autofit(WIDEST * 8)
    return content.getvalue()


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, zone: ZoneInfo, formats: dict[type[date], Any]) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, _local(cell, zone), formats[datetime])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, formats[date])
    elif isinstance(cell, str):
        sheet.write_string(row, column, str(cell))
    elif cell is not None:
        sheet.write_number(row, column, cell)
