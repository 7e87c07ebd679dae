"""A table of vehicles: each row becomes the fields of one, or is named with its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.tables_in.cells import BadCell, shown, text_of
from shared.tables_in.decimals import Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table

WEIGHTS = ("tare_kg", "capacity_kg")
HEAVIEST_KG = 100_000
SEPARATORS = re.compile(r"[;|；、,，]")


@dataclass(frozen=True, slots=True)
class Rejected:
    """`row` is 1-based without the header."""

    row: int
    vehicle_id: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class VehicleCells:
    """What a row says of a vehicle, not yet judged; None where its cell is empty or missing."""

    row: int
    vehicle_id: str | None = None
    plate: str | None = None
    kind: str | None = None
    waste_streams: tuple[str, ...] | None = None
    tare_kg: int | None = None
    capacity_kg: int | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    onboard_unit_id: str | None = None


def read_vehicles(table: Table, columns: Mapping[str, str], asked_mark: Mark | None) -> Iterator[VehicleCells | Rejected]:
    """`columns`: our field → the file's column. An empty cell says nothing. A vehicle that a file holds twice is taken from
    its first row. Raises AmbiguousNumbers before the first row."""
    marks = {
        name: decimal_mark(table.column(columns[name]), columns[name], asked_mark, HEAVIEST_KG)
        for name in WEIGHTS
        if name in columns
    }
    return _rows(table, columns, marks)


def _rows(table: Table, columns: Mapping[str, str], marks: Mapping[str, Mark]) -> Iterator[VehicleCells | Rejected]:
    first: dict[str, int] = {}
    for number, row in enumerate(table.rows, start=1):
        cells = {name: row.get(column) for name, column in columns.items() if text_of(row.get(column))}
        vehicle_id = shown(cells.get("vehicle_id")) or None
        try:
            if number in table.broken:
                raise BadCell("bad_row", table.broken[number])
            fields = {name: _field(name, cell, marks) for name, cell in cells.items()}
            if not fields:
                raise BadCell("empty_row", "no cell has a value")
            vehicle = VehicleCells(number, **fields)
            if (before := first.setdefault(str(vehicle.vehicle_id), number)) != number:
                raise BadCell("duplicate_vehicle_id", f"row {before} holds this vehicle already")
            yield vehicle
        except BadCell as error:
            yield Rejected(number, vehicle_id, error.code, str(error))


def _field(name: str, cell: Any, marks: Mapping[str, Mark]) -> Any:
    if name in WEIGHTS:
        return _whole_kg(name, cell, marks[name])
    if name == "waste_streams":
        words = cell if isinstance(cell, list) else SEPARATORS.split(text_of(cell))
        return tuple(text_of(word) for word in words if text_of(word))
    return text_of(cell)


def _whole_kg(name: str, cell: Any, mark: Mark) -> int:
    """8000 and 8000.0 are the same weight; a fraction of a kilogram is a sign of another unit."""
    try:
        kg = decimal_of(cell, mark, "bad_weight")
    except BadCell as error:
        raise BadCell(error.code, f"{name}: {error}") from error
    if kg != int(kg) or not 0 <= kg <= HEAVIEST_KG:
        raise BadCell("bad_weight", f"{name}: {shown(cell)} is not whole kilograms from 0 to {HEAVIEST_KG}")
    return int(kg)
