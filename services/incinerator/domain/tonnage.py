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

GRAMS = {"kg": Decimal(1000), "t": Decimal(1_000_000), "short_ton": Decimal("907184.74"), "lb": Decimal("453.59237")}
TOO_HEAVY = 10**9


@dataclass(frozen=True, slots=True)
class Columns:
    """`district`: joined by `-`; `materials`: column → waste stream."""

    month: str
    district: Sequence[str]
    materials: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    district: str
    month: date
    material: str
    stream: str
    as_given: Decimal
    grams: int


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1 below the header. `reason`: why nothing of it can be stored."""

    number: int
    figures: tuple[Figure, ...]
    reason: str | None = None


class WrongFile(ValueError):
    """Not a table with these columns."""


def rows_of(table: Table, columns: Columns, unit: str, asked_mark: Mark | None = None) -> Iterator[Row]:
    """Raises WrongFile and AmbiguousNumbers before the first row."""
    missing = {columns.month, *columns.district, *columns.materials} - set(table.columns)
    if missing:
        raise WrongFile(f"the file has no column {', '.join(sorted(missing))}")
    marks = {name: decimal_mark(table.column(name), name, asked_mark) for name in columns.materials}
    return _rows(table, columns, marks, unit)


def _rows(table: Table, columns: Columns, marks: Mapping[str, Mark], unit: str) -> Iterator[Row]:
    for number, row in enumerate(table.rows, start=1):
        try:
            if number in table.broken:
                raise BadCell("bad_row", table.broken[number])
            yield Row(number, tuple(_figures(row, columns, marks, unit)))
        except ValueError as error:
            yield Row(number, (), str(error))


def _figures(row: Mapping[str, Any], columns: Columns, marks: Mapping[str, Mark], unit: str) -> Iterator[Figure]:
    try:
        month = month_of(row.get(columns.month))
    except BadCell as error:
        raise ValueError(f"{columns.month} {error}") from error
    parts = [text_of(row.get(name)) for name in columns.district]
    if not all(parts):
        raise ValueError("the district is blank")
    given = {name: row[name] for name in columns.materials if text_of(row.get(name))}
    if not given:
        raise ValueError("no weight in any column")
    for name, cell in given.items():
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
