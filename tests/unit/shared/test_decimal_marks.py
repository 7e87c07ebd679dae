"""Numbers as people write them: one mark for a whole column, never a guess cell by cell."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tables_in.decimals import AmbiguousNumbers, Mark, decimal_mark, decimal_of


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["7,5"], ","),
        (["7.5"], "."),
        (["1.234,5"], ","),
        (["1,234.5"], "."),
        (["12,345", "1,25"], ","),
        (["12.345", "1.25"], "."),
        (["1,234,567"], "."),
        (["1.234.567"], ","),
        (["0,125"], ","),
        (["0.125"], "."),
        (["1234,567"], ","),
        (["-7,5"], ","),
        ([",5"], ","),
        (["8000", "7650"], "."),
        ([8000.5, None, "", "n/a", "12,5"], ","),
        (["７，５"], ","),
        ([], "."),
    ],
)
def test_one_cell_that_tells_decides_for_its_column(cells: list[Any], mark: Mark) -> None:
    assert decimal_mark(cells, "kg", None) == mark


@pytest.mark.parametrize("cells", [["12,345"], ["12.345", "8.120"], ["1,200", "950"], ["7,5", "7.5"], ["1.234,5", "1,234.5"]])
def test_a_column_that_does_not_tell_is_asked_about_by_the_name_of_the_setting(cells: list[str]) -> None:
    with pytest.raises(AmbiguousNumbers, match=r"column 'kg'.*row \d.*`decimal_mark`"):
        decimal_mark(cells, "kg", None)
    assert decimal_mark(cells, "kg", ",") == ","


def test_what_no_such_number_can_be_tells_too() -> None:
    assert decimal_mark(["120.201"], "lon", None, largest=180) == "."
    assert decimal_mark(["90,243"], "%", None, largest=100) == ","


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("1.234,5", ",", "1234.5"),
        ("1,234.5", ".", "1234.5"),
        ("1 234,5", ",", "1234.5"),
        ("1\u00a0234.5", ".", "1234.5"),
        ("1\u202f234,5", ",", "1234.5"),
        ("1'234.5", ".", "1234.5"),
        ("7650.0", ".", "7650"),
        (7650.0, ",", "7650"),
        (0.1 + 0.2, ".", "0.3"),
        (12, ".", "12"),
        ("+3", ".", "3"),
        ("１２", ".", "12"),
        (1e-7, ".", "0.0000001"),
        ("5.1e-05", ".", "0.000051"),
    ],
)
def test_a_number_is_read_exactly(cell: Any, mark: Mark, value: str) -> None:
    assert decimal_of(cell, mark) == Decimal(value)


@given(st.lists(st.decimals(0, 10**6, places=2).filter(lambda d: d != int(d)), min_size=1), st.sampled_from([".", ","]))
def test_however_a_whole_column_is_written_its_numbers_come_back(numbers: list[Decimal], mark: Mark) -> None:
    thousands = "," if mark == "." else "."
    cells = [f"{number:,.2f}".translate({ord(","): thousands, ord("."): mark}) for number in numbers]
    found = decimal_mark(cells, "kg", None)
    assert [decimal_of(cell, found) for cell in cells] == numbers
