"""What every reader makes of a file: named columns, and rows of cells by their names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


class UnreadableFile(ValueError):
    """The file as a whole is not what it claims to be; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Room:
    """The most that is read of one file: a table is held in memory as a whole."""

    rows: int
    columns: int
    cells: int

    def require(self, rows: int, columns: int, cells: int) -> None:
        if rows > self.rows or columns > self.columns or cells > self.cells:
            raise UnreadableFile(f"more than {self.rows} rows, {self.columns} columns or {self.cells} cells: send it in parts")


IN_A_REQUEST = Room(300_000, 1_000, 3_000_000)
OF_ONE_S_OWN = Room(20_000_000, 10_000, 200_000_000)
"""For a command that reads a file of the machine it runs on."""


@dataclass(slots=True)
class Table:
    """`rows` in file order, row 1 first, the header and blank lines not counted. `broken`: what is wrong with the shape of a
    row, by row number. `crs`: the coordinate system that a GeoJSON file names itself."""

    columns: list[str]
    rows: list[Row]
    broken: dict[int, str] = field(default_factory=dict)
    crs: str | None = None

    def column(self, name: str) -> Iterator[Any]:
        """That column's cells, None where a row has none."""
        return (row.get(name) for row in self.rows)


def table_of_records(records: Iterable[Sequence[Any]], room: Room) -> Table:
    """From the records of a CSV file or a sheet: the first that is not blank is the header, later blank ones are no rows."""
    lines = (record for record in records if not is_blank(record))
    header = next(lines, None)
    if header is None:
        raise UnreadableFile("the file is empty")
    columns = _distinct([str(name).strip().removeprefix("\ufeff") for name in header])
    table = Table(columns, [])
    cells = 0
    for record in lines:
        table.rows.append(dict(zip(columns, record, strict=False)))
        cells += len(record)
        room.require(len(table.rows), len(columns), cells)
        if not is_blank(record[len(columns) :]):
            table.broken[len(table.rows)] = f"{len(record)} cells under {len(columns)} columns"
    return table


def is_blank(record: Sequence[Any]) -> bool:
    """A line without a cell, or with a single one that is empty; `,,` is a row of empty cells, and has a fate."""
    return len(record) <= 1 and not any(str(cell).strip() for cell in record)


def _distinct(names: Sequence[str]) -> list[str]:
    """A repeated column keeps its first meaning; the later ones become `name (2)`, `name (3)` ..."""
    seen: dict[str, int] = {}
    columns = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        columns.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return columns
