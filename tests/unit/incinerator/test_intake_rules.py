"""Who takes which load, what the bunker holds, how a tonnage file is read: literal values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.incinerator.domain.intake import EntryKind, Load, bunker_kg, dispatch, hours_on_the_way
from services.incinerator.domain.tonnage import GRAMS, Columns, WrongFile, rows_of
from shared.tables_in.decimals import AmbiguousNumbers
from shared.tables_in.reading import read_table
from shared.vocabulary import WasteStream

COLUMNS = Columns("MONTH", ("BOROUGH", "CD"), {"REFUSE": WasteStream.RESIDUAL, "PAPER": WasteStream.RECYCLABLE})
FILE = 'MONTH,BOROUGH,CD,REFUSE,PAPER\n1993 / 11,Manhattan,01,625.2,119.4\n1993 / 12,Bronx,06,"1,000.5",\n'


def test_hours_on_the_way_are_known_once_the_station_told_when_it_left() -> None:
    left = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
    assert hours_on_the_way(left, datetime(2026, 11, 16, 3, 0, tzinfo=UTC)) == 1.5
    assert hours_on_the_way(None, left) is None


def test_the_bunker_holds_what_came_less_what_was_fed_with_corrections() -> None:
    assert bunker_kg(5000, 700, {EntryKind.FED: 900, EntryKind.BUNKER_CORRECTION: -50, EntryKind.SLAG: 200}) == 4750


def test_over_its_limit_a_plant_s_loads_go_to_the_next_and_what_finds_no_room_is_named() -> None:
    loads = [Load(f"H{n}", 8000, ("P-1", "P-2")) for n in range(4)]
    placed = dispatch(loads, {"P-1": 17_000, "P-2": 8000})
    assert [(one.plant_id, one.diverted) for one in placed] == [("P-1", False), ("P-1", False), ("P-2", True), (None, False)]
    assert {one.plant_id for one in dispatch(loads, {"P-1": 0})} == {"P-2"}, "a plant without a quota takes any"


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.permutations(["P-1", "P-2", "P-3"])), max_size=30),
    st.fixed_dictionaries({p: st.integers(0, 100_000) for p in ("P-1", "P-2", "P-3")}),
)
def test_no_plant_ever_gets_more_than_it_takes_and_no_load_is_lost(
    loads: list[tuple[int, list[str]]], room: dict[str, int]
) -> None:
    placed = dispatch([Load(str(n), kg, tuple(order)) for n, (kg, order) in enumerate(loads)], room)
    assert [(one.load_id, one.kg) for one in placed] == [(str(n), kg) for n, (kg, _) in enumerate(loads)]
    for plant, kg in room.items():
        assert sum(one.kg for one in placed if one.plant_id == plant) <= kg


def test_every_cell_of_a_tonnage_file_is_a_figure_and_a_blank_one_is_none() -> None:
    first, second = rows_of(read_table(FILE), COLUMNS, "short_ton")
    assert [(f.district, f.month, f.material, f.as_given, f.grams) for f in first.figures] == [
        ("Manhattan-01", date(1993, 11, 1), "REFUSE", Decimal("625.2"), 567_171_899),
        ("Manhattan-01", date(1993, 11, 1), "PAPER", Decimal("119.4"), 108_317_858),
    ]
    assert [f.as_given for f in second.figures] == [Decimal("1000.5")]
    assert GRAMS["t"] == 1000 * GRAMS["kg"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1993,Bronx,06,1,", "MONTH is no month"),
        ("1993-13,Bronx,06,1,", "month"),
        ("1993-11,,06,1,", "the district is blank"),
        ("1993-11,Bronx,06,,", "no weight"),
        ("1993-11,Bronx,06,many,", "REFUSE is no number"),
        ("1993-11,Bronx,06,-4,", "REFUSE is negative"),
        ("1993-11,Bronx,06,1,NaN", "PAPER is no number"),
        ("1993-11,Bronx,06,1,1000000000", "PAPER is negative or not"),
    ],
)
def test_a_row_that_cannot_be_stored_says_why(row: str, reason: str) -> None:
    [read] = rows_of(read_table(f"MONTH,BOROUGH,CD,REFUSE,PAPER\n{row}\n"), COLUMNS, "t")
    assert (read.number, read.figures) == (1, ())
    assert reason in (read.reason or "")


def test_tons_with_decimal_commas_are_neither_ten_times_as_many_nor_a_thousandth() -> None:
    file = "MONTH;BOROUGH;CD;REFUSE;PAPER\n1993年11月;Bronx;06;7,5;\n1993-12;Bronx;06;1.234,5;12,345\n"
    with pytest.raises(AmbiguousNumbers, match=r"column 'PAPER'.*decimal_mark"):
        rows_of(read_table(file), COLUMNS, "t")
    tons = [[figure.as_given for figure in row.figures] for row in rows_of(read_table(file), COLUMNS, "t", ",")]
    assert tons == [[Decimal("7.5")], [Decimal("1234.5"), Decimal("12.345")]]


def test_a_file_without_the_columns_is_refused_as_a_whole() -> None:
    with pytest.raises(WrongFile, match="CD, PAPER"):
        list(rows_of(read_table("MONTH,BOROUGH,REFUSE\n"), COLUMNS, "t"))
