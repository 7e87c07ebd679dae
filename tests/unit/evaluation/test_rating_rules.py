"""What a rating file says of its own earlier months, told apart row by row."""

from datetime import date

import pytest

from services.evaluation.domain.ratings import Rating, WrongFile, earlier, reproduce, rows_of
from shared.tables_in.reading import read_table

COLUMNS = {"month": "m", "area": "a", "streets": "s", "streets_previous_month": "p"}


def rows(*lines: str) -> list[Rating]:
    kept = [row for row in rows_of(read_table("\ufeffm,a,s,p\n" + "\n".join(lines)), COLUMNS) if row.values_e4 is not None]
    return [Rating(row.area, row.month, row.values_e4 or {}) for row in kept]


def fates(*lines: str) -> dict[str, int]:
    [column] = reproduce(rows(*lines))
    return {name: count for name, count in column.fates.items() if count}


def test_a_row_that_cannot_be_kept_says_why_and_blanks_are_kept_as_blanks() -> None:
    file = "m,a,s,p\n2018 / 01,MN1,90.24,\n2018-13,MN1,1,\n2018-02,,1,\n2018-02,MN1,100.5,\n2018-02,MN1,x,\n"
    read = list(rows_of(read_table(file), COLUMNS))
    assert read[0].values_e4 is not None
    assert (read[0].month, read[0].values_e4["streets"], read[0].values_e4["streets_previous_month"]) == (
        date(2018, 1, 1),
        902_400,
        None,
    )
    assert [row.reason for row in read[1:]] == [
        "the month is none (YYYY-MM)",
        "the area is blank or no id",
        "streets is no per cent of 0 to 100",
        "streets is no number",
    ]


def test_what_agrees_is_told_from_rounding_from_blanks_and_from_what_differs() -> None:
    assert fates("2018-01,A,90.24,", "2018-02,A,91,90.24") == {"agrees": 1, "before_the_file": 1}
    assert fates("2018-01,A,90.24,", "2018-02,A,91,90.25") == {"rounding": 1, "before_the_file": 1}
    assert fates("2018-01,A,90.24,", "2018-02,A,91,90.26") == {"other": 1, "before_the_file": 1}
    assert fates("2018-01,A,,", "2018-02,A,91,90") == {"earlier_blank": 1, "before_the_file": 1}
    assert fates("2018-01,A,90,90", "2018-02,A,91,") == {"told_blank": 1, "before_the_file": 1}
    assert fates("2018-01,A,,90", "2018-02,A,91,") == {"both_blank": 1, "before_the_file": 1}


def test_without_an_earlier_row_it_says_what_is_missing() -> None:
    assert fates("2018-01,A,1,1", "2018-03,A,1,1", "2018-03,B,1,1") == {"before_the_file": 1, "gap": 1, "before_the_area": 1}


def test_what_differs_is_shown() -> None:
    [column] = reproduce(rows("2018-01,A,90,", "2018-02,A,91,80"))
    assert [tuple(one) for one in column.examples] == [("A", date(2018, 2, 1), 800_000, 900_000, "other")]


def test_a_column_that_says_nothing_is_no_column() -> None:
    assert reproduce(rows("2018-01,A,90,", "2018-02,A,91,")) == []


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert [earlier(date(2018, 1, 1), back) for back in (1, 3, 12)] == [date(2017, 12, 1), date(2017, 10, 1), date(2017, 1, 1)]


@pytest.mark.parametrize("columns", [{"month": "m"}, COLUMNS | {"tons": "s"}, COLUMNS | {"sidewalks": "w"}])
def test_a_file_without_the_columns_is_refused(columns: dict[str, str]) -> None:
    with pytest.raises(WrongFile):
        list(rows_of(read_table("m,a,s,p\n"), columns))


def test_per_cents_with_decimal_commas_are_told_by_what_a_per_cent_can_be() -> None:
    [row] = rows_of(read_table("m;a;s;p\n2018-01;A;90,243;\n"), COLUMNS)
    assert row.values_e4 is not None
    assert row.values_e4["streets"] == 902_430
