"""XLSX, XLS and ODS, read in a process of its own.

A workbook of five kilobytes can ask for 500 GB (one cell in the last row of the last column), and a library that cannot have
them ends its process. So it gets one that may: with a limit of memory and of time, beside the event loop.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.tables_in.decoding import MOST_BYTES
from shared.tables_in.table import Room, Table, UnreadableFile, table_of_records

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_MEMORY, MOST_SECONDS = 512 << 20, 60
AT_ONCE = threading.BoundedSemaphore(2)
"""Processes of ours that read a workbook: the others wait, so that their memory adds up to little."""
CHILD = Path(__file__).with_name("workbook_process.py")
REFUSED = 3
"""Exit code with which the process says why."""


def is_workbook(content: bytes) -> bool:
    return content.startswith((ZIP, OLE))


def read_workbook(content: bytes, sheet: str | None, room: Room) -> Table:
    """One sheet; whole numbers come as floats, dates as ISO 8601, times of day and durations as H:MM:SS, 24:00 and more too."""
    limits = [MOST_MEMORY, MOST_SECONDS, room.cells, MOST_BYTES]
    command = [sys.executable, "-P", str(CHILD), sheet or "", *map(str, limits)]
    try:
        with AT_ONCE:
            done = subprocess.run(  # noqa: S603 - our own file, no shell
                command, input=content, capture_output=True, check=False, timeout=MOST_SECONDS
            )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"the workbook cannot be read within {MOST_SECONDS} s: save it as CSV") from error
    if done.returncode == REFUSED:
        raise UnreadableFile(done.stdout.decode()[:500])
    if done.returncode:
        raise UnreadableFile("the workbook is broken, or asks for more memory than is allowed: save it as CSV")
    return table_of_records(_records(done.stdout), room)


def _records(lines: bytes) -> Iterator[list[Any]]:
    """A row without any cell is a blank line, not a row."""
    for line in lines.splitlines():
        record = json.loads(line)
        if any(cell != "" for cell in record):
            yield record
