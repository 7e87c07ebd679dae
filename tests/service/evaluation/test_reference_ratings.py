"""New York's scorecard comes in whole, and what it says of earlier months is worked out from its own rows."""

from typing import Any

from evaluated import answered

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import real_data

NEW_YORK = {
    "month": "Month",
    "area": "Cleaning Section",
    **{figure: f"Acceptable {figure.title()} %" for figure in ("streets", "sidewalks")},
    **{
        f"{figure}_{field}": f"Acceptable {figure.title()} % - {column}"
        for figure in ("streets", "sidewalks")
        for field, column in (
            ("previous_month", "Previous Month"),
            ("previous_quarter", "Previous Fiscal Quarter"),
            ("previous_year", "Previous Year"),
        )
    },
}
SMALL = "\ufeffm,a,s,p\n2018 / 01,MN1,90.24,\n2018 / 02,MN1,,90.24\n2018 / 02,MN1,4,4\n2018 / 02,QE2,much,\n2018 / 04,MN1,1,2\n"
COLUMNS = {"month": "m", "area": "a", "streets": "s", "streets_previous_month": "p"}


async def imported(city: City, content: str, columns: dict[str, str], status: int = 200) -> Any:
    async with city.client(Role.ADMIN) as admin:
        body = {"source": "nyc", "content": content, "columns": columns}
        return await answered(admin.post("/v1/rating-imports", json=body), status)


async def test_every_row_of_a_rating_file_has_its_fate_and_the_file_again_changes_nothing(whole: City) -> None:
    first, second = [await imported(whole, SMALL, COLUMNS) for _ in range(2)]
    assert (first["rows"], first["stored"], second["stored"], second["unchanged"]) == (5, 3, 0, 3)
    assert first["unrated"] == second["unrated"] == [2]
    assert [(one["row"], one["fate"], one["reason"]) for one in first["others"]] == [
        (3, "duplicate", "the same area and month as row 2"),
        (4, "rejected", "streets is no number"),
    ]
    async with whole.client(Role.AUDITOR) as office:
        history = await answered(office.get("/v1/reference-ratings/nyc/areas/MN1"))
        report = await answered(office.get("/v1/reference-ratings/nyc"))
        await answered(office.get("/v1/reference-ratings/nyc/areas/QE2"), 404)
    assert [(one["month"], one["values_e4"]["streets"]) for one in history["items"]] == [
        ("2018-01-01", 902_400),
        ("2018-02-01", None),
        ("2018-04-01", 10_000),
    ]
    [column] = report["columns"]
    assert (column["column"], column["agrees"], column["share"], column["unchecked"]) == (
        "streets_previous_month",
        1,
        "100.00",
        {"before_the_file": 1, "before_the_area": 0, "gap": 1},
    )


async def test_a_file_of_other_columns_is_refused(whole: City) -> None:
    refused = await imported(whole, "m,a\n", COLUMNS, 422)
    assert refused["detail"] == "the file has no column p, s"


async def test_new_york_s_columns_of_earlier_months_are_its_own_earlier_rows(whole: City) -> None:
    """159 months of 234 sections. What is not checked has no earlier row: the file begins in 2005, three sections later, two of
    those pause for five months. Not one figure differs."""
    report = await imported(whole, real_data("nyc_dsny_scorecard_ratings.csv").read_text("utf-8"), NEW_YORK)
    assert (report["rows"], report["stored"], len(report["unrated"]), report["others"]) == (37_094, 37_094, 416, [])
    async with whole.client(Role.AUDITOR) as office:
        found = await answered(office.get("/v1/reference-ratings/nyc"))
        history = await answered(office.get("/v1/reference-ratings/nyc/areas/MN011"))
    assert (found["rows"], found["areas"], len(history["items"])) == (37_094, 234, 159)
    unchecked = ("before_the_file", "before_the_area", "gap")
    for column in found["columns"]:
        assert column["differs"] == {"rounding": 0, "told_blank": 0, "earlier_blank": 0, "other": 0}
        assert column["share"] == "100.00"
    assert {
        (one["column"].partition("_")[2], one["agrees"], one["both_blank"], *(one["unchecked"][name] for name in unchecked))
        for one in found["columns"]
    } == {
        ("previous_month", 36_444, 414, 231, 3, 2),
        ("previous_quarter", 35_976, 414, 695, 3, 6),
        ("previous_year", 33_870, 416, 2_786, 14, 8),
    }
