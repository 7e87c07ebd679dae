"""Monthly tonnage out of a CSV file: every row has a fate, and the sums are the file's own."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

GRAMS = {"kg": Decimal(1000), "t": Decimal(1_000_000), "short_ton": Decimal("907184.74"), "lb": Decimal("453.59237")}
MONTH = re.compile(r"\s*(\d{4})\s*[-/.]\s*(\d{1,2})\s*")


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
    """Not a CSV file with these columns."""


def rows_of(text: str, columns: Columns, unit: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text))
    missing = {columns.month, *columns.district, *columns.materials} - set(reader.fieldnames or ())
    if missing:
        raise WrongFile(f"the file has no column {', '.join(sorted(missing))}")
    for number, row in enumerate(reader, start=1):
        try:
            yield Row(number, tuple(_figures(row, columns, unit)))
        except ValueError as error:
            yield Row(number, (), str(error))


def _figures(row: Mapping[str, str | None], columns: Columns, unit: str) -> Iterator[Figure]:
    found = MONTH.fullmatch(row[columns.month] or "")
    if found is None:
        raise ValueError(f"{columns.month} is no month (YYYY-MM)")
    month = date(int(found[1]), int(found[2]), 1)
    parts = [(row[name] or "").strip() for name in columns.district]
    if not all(parts):
        raise ValueError("the district is blank")
    given = {name: (row[name] or "").strip() for name in columns.materials}
    if not any(given.values()):
        raise ValueError("no weight in any column")
    for name, text in given.items():
        if text:
            amount = _amount(name, text)
            yield Figure("-".join(parts), month, name, columns.materials[name], amount, round(amount * GRAMS[unit]))


def _amount(name: str, text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"{name} is no number") from None
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise ValueError(f"{name} is negative or not a weight")
    return amount
