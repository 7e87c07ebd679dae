"""The index against Shenzhen's published figures, and as a function that no order disturbs."""

from datetime import date
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation import rulebooks
from services.evaluation.domain import index
from services.evaluation.domain.canonical import sha256, written
from services.evaluation.domain.index import Sum

DECEMBER_2020 = [
    ("88.75", "90.43", "73.63"),
    ("88.25", "90.48", "68.21"),
    ("87.79", "89.09", "76.16"),
    ("87.58", "88.89", "75.74"),
    ("87.25", "88.76", "73.67"),
    ("86.44", "88.20", "70.59"),
    ("86.40", "87.96", "72.28"),
    ("86.33", "87.71", "73.94"),
    ("86.29", "87.40", "76.22"),
    ("86.24", "87.34", "76.42"),
]
"""Published index, site, satisfaction of ten subdistricts: 香蜜湖, 福保, 蛇口, 南湖, 莲花, 南山, 沙河, 清水河, 西丽, 南澳."""


def composite(day: date, site: str, satisfaction: str) -> Fraction:
    parts = {"site": Fraction(site), "satisfaction": Fraction(satisfaction)}
    found = index.composite(rulebooks.METHODOLOGY.on(day), parts)
    assert found is not None
    return found


@pytest.mark.parametrize(("published", "site", "satisfaction"), DECEMBER_2020)
def test_shenzhens_published_figures_recompute(published: str, site: str, satisfaction: str) -> None:
    assert abs(composite(date(2020, 12, 1), site, satisfaction) - Fraction(published)) <= Fraction("0.01")


def test_figures_with_four_places_recompute_exactly_and_weights_changed_over_the_years() -> None:
    assert index.shown(composite(date(2020, 6, 1), "95.5320", "87.7497"), 4) == "94.7538"
    assert index.shown(composite(date(2020, 6, 1), "94.8293", "83.9864"), 4) == "93.7450"
    assert index.shown(composite(date(2018, 3, 1), "89.52", "81.44")) == "86.29"
    assert composite(date(2019, 9, 1), "90", "80") == 88


def test_ranks_go_by_what_is_not_rounded_and_equal_values_share_one() -> None:
    values = {"a": Fraction("85.5401"), "b": Fraction("85.5449"), "c": Fraction("85.5401"), "d": None, "e": Fraction(85)}
    assert {index.shown(values[key]) for key in "abc"} == {"85.54"}
    assert index.ranked(values) == [("b", 1), ("a", 2), ("c", 2), ("e", 4), ("d", None)]


@pytest.mark.parametrize(("value", "name"), [("93", "A+"), ("92.9999", "A"), ("90", "A"), ("87", "B"), ("86.9999", "C")])
def test_the_grade_is_that_of_the_unrounded_index(value: str, name: str) -> None:
    assert index.grade(rulebooks.METHODOLOGY.on(date(2023, 4, 1)), Fraction(value)) == name


def test_what_was_not_seen_is_left_out_and_the_rest_weighs_more() -> None:
    method = rulebooks.METHODOLOGY.on(date(2026, 11, 1))
    only_site = index.measure(method, {"site:road": Sum(2, 1_800_000, 1_620_000_000_000)}, 0)
    assert only_site.index == 90
    assert index.shown(only_site.half_width) == "0.00"
    assert index.measure(method, {"satisfaction": Sum(1, 900_000, 810_000_000_000)}, 0).index is None
    once = index.measure(method, {"site:road": Sum(1, 900_000, 810_000_000_000)}, 0)
    assert once.half_width is None, "one look says nothing of how much it varies"


def test_the_confidence_interval_is_that_of_a_stratified_sample() -> None:
    """Two roads of 80 and 100 and two markets of 90: s² = 200 and 0, so half = 1.96 · √(0.5² · 200 / 2) = 9.8."""
    sums = {"site:road": Sum(2, 1_800_000, 800_000**2 + 1_000_000**2), "site:market": Sum(2, 1_800_000, 2 * 900_000**2)}
    method = rulebooks.METHODOLOGY.on(date(2021, 1, 1))
    assert index.shown(index.measure(method, sums, 0).half_width, 4) == "9.8000"


def test_a_high_index_with_many_complaints_is_flagged() -> None:
    method = rulebooks.METHODOLOGY.on(date(2026, 11, 1))
    sums = {"site:road": Sum(1, 1_000_000, 10**12), "complaints": Sum(10, 0, 0)}
    assert index.flags(method, index.measure(method, sums, 10_000)) == ["index_high_complaints_high"]
    assert index.flags(method, index.measure(method, sums, 100_000)) == []


@given(
    st.lists(st.tuples(st.sampled_from(["site:road", "site:market", "satisfaction"]), st.integers(0, 10**6)), min_size=1),
    st.randoms(),
)
def test_any_order_of_observations_gives_the_same_index(seen: list[tuple[str, int]], chance: Random) -> None:
    method = rulebooks.METHODOLOGY.on(date(2021, 1, 1))
    shuffled = list(seen)
    chance.shuffle(shuffled)
    assert index.measure(method, added(seen), 1000) == index.measure(method, added(shuffled), 1000)


def added(seen: list[tuple[str, int]]) -> dict[str, Sum]:
    sums: dict[str, Sum] = {}
    for kind, value in seen:
        held = sums.get(kind, Sum(0, 0, 0))
        sums[kind] = Sum(held.n + 1, held.total + value, held.squares + value**2)
    return sums


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none(), st.lists(st.integers()))))
def test_the_same_content_is_the_same_bytes_and_hash(content: dict[str, object]) -> None:
    other_way = dict(reversed(content.items()))
    assert written(content) == written(other_way)
    assert sha256(written(content)) == sha256(written(other_way))


def test_a_float_has_no_place_in_what_is_hashed() -> None:
    with pytest.raises(TypeError):
        written({"areas": [{"index": 88.75}]})
