"""Weights: what is refused, which tare holds, and rows of other systems."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transfer_station import rulebooks
from services.transfer_station.domain.limits import StationRules
from services.transfer_station.domain.weighings import parse
from services.transfer_station.domain.weights import RegisteredTare, Tare, TareExpired, plate_key, registry_tares, tare_at
from shared.domain_errors import Conflict, Invalid
from shared.tables_in.cells import BadCell
from shared.tables_in.decimals import AmbiguousNumbers, Mark
from shared.tables_in.table import Table
from shared.tables_in.times import moment_of

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = rulebooks.IMPORT_RULES.at(START)
MAPPING = {"at": "time", "weight": "kg"}


def test_the_newest_tare_of_the_time_holds_even_when_it_has_expired() -> None:
    tares = [Tare(START, 8_000, START + 90 * DAY), Tare(START + 30 * DAY, 8_100, START + 40 * DAY)]
    assert tare_at(tares, START - DAY) is None
    assert tare_at(tares, START + DAY) == tares[0]
    assert tare_at(tares, START + 50 * DAY) == tares[1]


def test_an_entry_that_repeats_the_tare_does_not_prolong_it() -> None:
    entries = [(START + 60 * DAY, 2, 8_000), (START, 1, 8_000), (START + 70 * DAY, 3, 8_200), (START + 80 * DAY, 4, 0)]
    assert registry_tares(entries, 90) == [
        Tare(START, 8_000, START + 90 * DAY),
        Tare(START + 70 * DAY, 8_200, START + 160 * DAY),
    ]


def test_a_plate_is_the_same_however_it_is_typed() -> None:
    assert plate_key("沪A·12345") == plate_key("沪a 12345") == "沪A12345"


WEIGHTS = st.one_of(st.decimals(-10, 10**6, places=3).map(str), st.sampled_from(["", "abc", "1e5", "NaN", "٣", "1,200.5"]))


@given(weights=st.lists(WEIGHTS, max_size=30), unit=st.sampled_from(sorted(RULES.grams_per_unit)))
def test_every_row_is_stored_or_rejected_and_none_of_its_weight_is_lost(weights: list[str], unit: str) -> None:
    lines: list[dict[str, Any]] = [{"time": "2021-07-08T12:00:00", "kg": weight} for weight in weights]
    parsed = parse(Table(["time", "kg"], lines), MAPPING, unit, UTC, {}, RULES, ".")
    assert sorted([row.row for row in parsed.rows] + [row.row for row in parsed.rejected]) == list(range(1, len(lines) + 1))
    readable = [Decimal(w.replace(",", "")) for w in weights if w not in {"", "abc", "1e5", "NaN", "٣"}]
    assert sum(row.value for row in [*parsed.rows, *parsed.rejected]) == sum(readable)
    grams = Decimal(RULES.grams_per_unit[unit])
    assert all(abs(row.net_g - row.value * grams) <= Decimal("0.5") for row in parsed.rows)
    assert len({row.identity for row in parsed.rows}) == len(parsed.rows)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2021-07-08 12:00:00.000000 UTC", 12),
        ("2021-07-08T12:00:00Z", 12),
        ("2021-07-08T12:00", 4),
        ("2021-07-08 12:00+02:00", 10),
    ],
)
def test_times_have_a_zone_or_are_given_one(text: str, hour: int) -> None:
    assert moment_of(text, ZoneInfo("Asia/Shanghai")) == datetime(2021, 7, 8, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(BadCell) as bad:
        moment_of(text, UTC)
    assert bad.value.code == "bad_time"


@pytest.mark.parametrize(
    ("cells", "asked", "tons"),
    [
        (["7,5", "1.234,5", "12,25"], None, ["7.5", "1234.5", "12.25"]),
        (["7.5", "1,234.5", "12.25"], None, ["7.5", "1234.5", "12.25"]),
        (["12,345", "0,5"], None, ["12.345", "0.5"]),
        (["12,345", "8,120"], ",", ["12.345", "8.12"]),
        (["12,345", "8,120"], ".", ["12345", "8120"]),
        (["1 234,5", "1'234,75"], None, ["1234.5", "1234.75"]),
        ([7650.0, 0.1 + 0.2, 12], None, ["7650", "0.3", "12"]),
    ],
)
def test_the_mark_before_decimals_is_decided_by_the_whole_column_or_asked_for(
    cells: list[Any], asked: Mark | None, tons: list[str]
) -> None:
    rows = [{"time": "2026-11-20 08:00", "kg": cell} for cell in cells]
    parsed = parse(Table(["time", "kg"], rows), MAPPING, "t", UTC, {}, RULES, asked)
    assert [row.value for row in parsed.rows] == [Decimal(ton) for ton in tons]


@pytest.mark.parametrize("cells", [["12,345", "8,120"], ["1.250", "900"], ["7,5", "7.5"]])
def test_what_can_be_read_in_two_ways_is_asked_for_by_the_name_of_the_setting(cells: list[str]) -> None:
    rows: list[dict[str, Any]] = [{"time": "2026-11-20 08:00", "kg": cell} for cell in cells]
    with pytest.raises(AmbiguousNumbers, match=r"column 'kg'.*decimal_mark"):
        parse(Table(["time", "kg"], rows), MAPPING, "t", UTC, {}, RULES)


def test_the_rules_in_force_are_those_of_the_day_and_a_wrong_field_is_refused() -> None:
    assert rulebooks.STATION_RULES.at(START).valid_from == date(2020, 1, 1)
    assert "video" in rulebooks.LOG_KINDS.at(START).kinds
    with pytest.raises(ValueError, match="missing or unknown"):
        StationRules.from_json({"valid_from": "2020-01-01", "source": "x"})


def test_a_tare_holds_from_the_moment_it_was_weighed_and_a_kilogram_is_a_tare() -> None:
    tare = Tare(START, 8_000, START + DAY)
    assert tare_at([tare], START) == tare
    assert registry_tares([(START, 1, 1)], 1) == [Tare(START, 1, START + DAY)]


def test_a_registered_tare_holds_where_it_was_registered_and_nobody_else_overwrites_it() -> None:
    tare = RegisteredTare(
        vehicle_id="T-1",
        weighed_at=START,
        tare_kg=8_000,
        expires_at=START + DAY,
        person="王工",
        station_ids=("S-1",),
    )
    everywhere = replace(tare, station_ids=None)
    assert (tare.holds_at("S-1"), tare.holds_at("S-2"), everywhere.holds_at("S-2")) == (True, False, True)
    tare.require_own([tare, replace(everywhere, weighed_at=START + DAY)])
    with pytest.raises(Conflict, match="registered by others"):
        tare.require_own([everywhere])
    with pytest.raises(Invalid, match="must lie after"):
        replace(tare, expires_at=START).require_order()


def test_an_expired_tare_says_when_and_what_to_do() -> None:
    refusal = TareExpired("T-1", START)
    assert (refusal.code, refusal.detail) == (
        "tare_expired",
        "the registered tare of T-1 expired at 2026-01-01T00:00:00+00:00; weigh the empty truck",
    )
