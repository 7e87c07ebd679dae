"""Monthly tonnage out of a file: every row has a fate, and the sums are the file's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table
from shared.tables_in.times import month_of
from shared.vocabulary import WasteStream

GRAMS = {"kg": Decimal(1000), "t": Decimal(1_000_000), "short_ton": Decimal("907184.74"), "lb": Decimal("453.59237")}
TOO_HEAVY = 10**9


@dataclass(frozen=True, slots=True)
class Columns:
    """`district`: joined by `-`; `materials`: column → waste stream."""

    month: str
    district: Sequence[str]
    materials: Mapping[str, WasteStream]


@dataclass(frozen=True, slots=True)
class Figure:
    district: str
    month: date
    material: str
    stream: WasteStream
    as_given: Decimal
    grams: int

    @property
    def key(self) -> tuple[str, date, str]:
        return self.district, self.month, self.material


@dataclass(frozen=True, slots=True)
class TonnageLine:
    """`number` counts from 1 below the header. `reason`: why nothing of it can be stored."""

    number: int
    figures: tuple[Figure, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonnage:
    """What was collected in a district in a month. `as_given`: the file's own figure in its own unit."""

    source: str
    district: str
    month: date
    material: str
    stream: WasteStream
    grams: int
    unit: str
    as_given: str


class WrongFile(ValueError):
    """Not a table with these columns."""


def rows_of(table: Table, columns: Columns, unit: str, asked_mark: Mark | None = None) -> Iterator[TonnageLine]:
    """Raises WrongFile and AmbiguousNumbers before the first row."""
    missing = {columns.month, *columns.district, *columns.materials} - set(table.columns)
    if missing:
        raise WrongFile(f"the file has no column {', '.join(sorted(missing))}")
    marks = {name: decimal_mark(table.column(name), name, asked_mark) for name in columns.materials}
    return _rows(table, columns, marks, unit)


def _rows(table: Table, columns: Columns, marks: Mapping[str, Mark], unit: str) -> Iterator[TonnageLine]:
    for number, line in enumerate(table.rows, start=1):
        try:
            if number in table.broken:
                raise BadCell("bad_row", table.broken[number])
            yield TonnageLine(number, tuple(_figures(line, columns, marks, unit)))
        except ValueError as error:
            yield TonnageLine(number, (), str(error))


def _figures(line: Mapping[str, Any], columns: Columns, marks: Mapping[str, Mark], unit: str) -> Iterator[Figure]:
    try:
        month = month_of(line.get(columns.month))
    except BadCell as error:
        raise ValueError(f"{columns.month} {error}") from error
    parts = [text_of(line.get(name)) for name in columns.district]
    if not all(parts):
        raise ValueError("the district is blank")
    cells = {name: line[name] for name in columns.materials if text_of(line.get(name))}
    if not cells:
        raise ValueError("no weight in any column")
    for name, cell in cells.items():
        amount = _amount(name, cell, marks[name])
        yield Figure("-".join(parts), month, name, columns.materials[name], amount, round(amount * GRAMS[unit]))


def _amount(name: str, cell: Any, mark: Mark) -> Decimal:
    try:
        amount = decimal_of(cell, mark)
    except BadCell:
        raise ValueError(f"{name} is no number") from None
    if not 0 <= amount < TOO_HEAVY:
        raise ValueError(f"{name} is negative or not a weight")
    return amount
