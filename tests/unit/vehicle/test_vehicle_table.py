"""Rows of a vehicle table: what is read, and what is rejected with its reason."""

from typing import Any

import pytest

from services.vehicle.domain.vehicle_table import Rejected, VehicleCells, read_vehicles
from shared.tables_in.table import Table

COLUMNS = {"vehicle_id": "id", "tare_kg": "tare", "capacity_kg": "cap", "waste_streams": "kinds"}


def read(*lines: dict[str, Any], broken: dict[int, str] | None = None) -> list[VehicleCells | Rejected]:
    return list(read_vehicles(Table(["id", "tare", "cap", "kinds"], list(lines), broken or {}), COLUMNS, "."))


def test_a_row_becomes_the_fields_of_a_vehicle() -> None:
    line = {"id": " T-1 ", "tare": "8000.0", "cap": 6_000, "kinds": "food; residual、dry,"}
    streams = ("food", "residual", "dry")
    assert read(line) == [VehicleCells(1, "T-1", waste_streams=streams, tare_kg=8_000, capacity_kg=6_000)]
    assert read({"id": "T-1", "kinds": ["food", ""]}) == [VehicleCells(1, "T-1", waste_streams=("food",))]


def test_an_empty_cell_says_nothing_and_an_empty_row_is_rejected() -> None:
    assert read({"id": "T-1", "tare": "", "cap": None}) == [VehicleCells(1, "T-1")]
    assert read({"id": "T-1"}, {"id": ""})[1] == Rejected(2, None, "empty_row", "no cell has a value")


def test_a_vehicle_that_stands_there_twice_is_taken_from_its_first_row() -> None:
    first, second = read({"id": "T-1"}, {"id": "T-1"})
    assert first == VehicleCells(1, "T-1")
    assert second == Rejected(2, "T-1", "duplicate_vehicle_id", "row 1 holds this vehicle already")


@pytest.mark.parametrize("weight", ["0", "100000"])
def test_a_weight_is_taken_up_to_its_bounds(weight: str) -> None:
    assert read({"id": "T-1", "tare": weight}) == [VehicleCells(1, "T-1", tare_kg=int(weight))]


@pytest.mark.parametrize("weight", ["-1", "100001", "8000.5", "heavy"])
def test_a_weight_beyond_them_or_not_whole_is_rejected_by_its_field(weight: str) -> None:
    [row] = read({"id": "T-1", "tare": weight})
    assert isinstance(row, Rejected)
    assert (row.row, row.vehicle_id, row.code, row.detail.startswith("tare_kg: ")) == (1, "T-1", "bad_weight", True)


def test_a_broken_row_is_rejected_with_its_reason() -> None:
    assert read({"id": "T-1"}, {"id": "T-2"}, broken={2: "cut off"})[1] == Rejected(2, "T-2", "bad_row", "cut off")


def test_a_table_without_weights_needs_no_decimal_mark() -> None:
    assert list(read_vehicles(Table(["id"], [{"id": "T-1"}]), {"vehicle_id": "id"}, None)) == [VehicleCells(1, "T-1")]
