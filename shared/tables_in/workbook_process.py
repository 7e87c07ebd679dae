"""The process that `workbook.py` starts: a workbook comes on standard input, its rows leave as lines of JSON.

Arguments: the sheet's name or nothing, bytes of memory, seconds, cells, bytes of output.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn

try:
    import resource
except ImportError:  # no such limits where there is no POSIX
    resource = None  # type: ignore[assignment]

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

FIRST_DAY = datetime(1899, 12, 31)  # noqa: DTZ001 - of a spreadsheet's calendar, which knows no zones
REAL_DATES = datetime(1900, 3, 1)  # noqa: DTZ001
"""What is earlier is a time of day of 24:00 and more."""
REFUSED = 3


def main(name: str, memory: int, seconds: int, cells: int, size: int) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = _sheet(CalamineWorkbook.from_object(io.BytesIO(sys.stdin.buffer.read())), name)
    except (CalamineError, ValueError, OSError) as error:
        _refuse(f"not a workbook that can be read: {error}")
    if sheet.height * sheet.width > cells:
        _refuse(f"the sheet has {sheet.height} × {sheet.width} cells, more than {cells}: delete the empty ones, or split it")
    for row in sheet.iter_rows():
        line = json.dumps([_plain(cell) for cell in row], ensure_ascii=False, allow_nan=False).encode() + b"\n"
        size -= len(line)
        if size < 0:
            _refuse("the sheet holds more text than is allowed: split it")
        sys.stdout.buffer.write(line)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    if name:
        if name not in book.sheet_names:
            _refuse(f"the workbook has no sheet {name!r}; it has {', '.join(book.sheet_names)[:300]}")
        return book.get_sheet_by_name(name)
    sheets = (book.get_sheet_by_name(one) for one in book.sheet_names)
    return next((sheet for sheet in sheets if sheet.height), None) or _refuse("the file is empty")


def _plain(cell: Any) -> str | float | bool:
    if isinstance(cell, datetime):
        return _clock((cell - FIRST_DAY).total_seconds()) if cell < REAL_DATES else cell.isoformat(" ")
    if isinstance(cell, timedelta):
        return _clock(cell.total_seconds())
    if isinstance(cell, time):
        return _clock(cell.hour * 3600 + cell.minute * 60 + cell.second)
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, (str, int, float)) else str(cell)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _refuse(why: str) -> NoReturn:
    sys.stdout.buffer.write(why.encode())
    sys.stdout.flush()
    sys.exit(REFUSED)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
