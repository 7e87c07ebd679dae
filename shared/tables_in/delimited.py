"""CSV, whatever separates its cells."""

import csv
import io
from collections.abc import Iterator

from shared.tables_in.table import Room, Table, UnreadableFile, table_of_records

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL_LINES = 20  # more line breaks inside one cell are a quote that was never closed
LONGEST_CELL = 1 << 20
csv.field_size_limit(LONGEST_CELL)


def read_csv(text: str, room: Room) -> Table:
    delimiter, text = _delimiter_line(text)
    return table_of_records(_records(text, delimiter), room)


def _delimiter_line(text: str) -> tuple[str, str]:
    """Spreadsheets may write `sep=;` first; otherwise the header line decides."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    mark = first.strip().lower()
    if mark.startswith("sep=") and len(mark) == len("sep=;"):
        return mark[-1], rest
    if first.strip("\r\n").lower() == "sep=\t":
        return "\t", rest
    cells = {delimiter: len(next(_records(text, delimiter), [])) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=cells.__getitem__), text


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The lines' cells without blank lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        for record in reader:
            for cell in record:
                if cell.count("\n") > LONGEST_CELL_LINES:
                    raise UnreadableFile(f"a quote before line {reader.line_num} is never closed: {cell[:40]!r}")
            if len(record) > 1 or any(cell.strip() for cell in record):
                yield record
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: {error}") from error
