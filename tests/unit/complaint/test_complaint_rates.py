"""Rates and the periods they are compared with, by literals."""

from dataclasses import asdict
from datetime import date

import pytest

from services.complaint.domain import figures
from services.complaint.domain.figures import Counts, Period
from services.complaint.domain.intake import masked, without_personal
from services.complaint.domain.similarity import cell_of, cells_in, centre_of, similarity


@pytest.mark.parametrize(
    ("period", "before", "year"),
    [
        (("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31"), ("2025-11-01", "2025-11-30")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31"), ("2025-01-01", "2025-03-31")),
        (("2026-11-16", "2026-11-22"), ("2026-11-09", "2026-11-15"), ("2025-11-16", "2025-11-22")),
        (("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31"), ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2025-01-01", "2025-01-31"), ("2024-02-01", "2024-02-29")),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_that_of_a_year_ago(
    period: tuple[str, str], before: tuple[str, str], year: tuple[str, str]
) -> None:
    def of(days: tuple[str, str]) -> Period:
        return Period(*(date.fromisoformat(day) for day in days))

    assert figures.previous(of(period)) == of(before)
    assert figures.year_before(of(period)) == of(year)


def test_nothing_due_has_no_rate() -> None:
    assert set(asdict(Counts().rates()).values()) == {None}
    assert Counts(solved=7, called_back=9).rates().resolution_rate == 0.7778


def test_the_same_number_shares_a_rank() -> None:
    assert figures.ranked({"a": 3, "b": 7, "c": 3}) == {"a": 2, "b": 1, "c": 2}


@pytest.mark.parametrize(("lon", "lat"), [(121.4737, 31.2304), (-71.0598, 42.3584), (-0.0001, -0.0001), (179.999, -89.9)])
def test_a_place_lies_in_its_cell_and_the_cell_around_its_middle(lon: float, lat: float) -> None:
    cell = cell_of(lon, lat)
    middle = centre_of(cell)
    assert abs(middle[0] - lon) <= 0.0026
    assert abs(middle[1] - lat) <= 0.0026
    assert cell in cells_in(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)


def test_alike_texts_are_alike_in_both_languages() -> None:
    assert similarity("小区门口垃圾桶满溢，没有人来收", "小区门口的垃圾桶满溢，没人收") > 0.4
    assert similarity("小区门口垃圾桶满溢", "凌晨作业噪声很大") == 0
    assert similarity("The bins at the gate overflow", "bins at our gate overflow!") > 0.4


def test_what_reaches_a_person_is_covered_and_the_rest_stays() -> None:
    assert without_personal("请打13912345678或写a.b@c.cn，身份证310101199001011234") == "请打***或写***，身份证***"
    assert without_personal("漕溪北路41号，2026年11月，3桶") == "漕溪北路41号，2026年11月，3桶"
    assert [masked(text) for text in ("13912345678", "张三丰", "张", "")] == ["139****5678", "张**", "张", ""]
