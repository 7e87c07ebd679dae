"""Rows of another system: what is stored, what is rejected with which reason, what is flagged."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.transfer_station.domain.limits import ImportRules
from services.transfer_station.domain.weighings import Parsed, Rejected, WeighingLine, parse
from shared.tables_in.table import Table

RULES = ImportRules(
    valid_from=date(2020, 1, 1), source="test", grams_per_unit={"kg": "1000", "g": "1"}, outlier_kg=30_000, far_days=3
)
MAPPING = {"at": "time", "weight": "w", "stream": "kind", "site": "place", "number": "no", "reported_on": "day"}
LINE = {"time": "2026-11-16 02:00", "w": "500", "kind": "wet", "place": "North", "no": "7", "day": "2026-11-16"}


def read(*changes: dict[str, Any], unit: str = "kg", broken: dict[int, str] | None = None) -> Parsed:
    lines: list[dict[str, Any]] = [{**LINE, **change} for change in changes]
    return parse(Table(list(LINE), lines, broken or {}), MAPPING, unit, UTC, {"wet": "food"}, RULES, ".")


def flags(**changes: str) -> tuple[str, ...]:
    [row] = read(changes).rows
    return row.flags


def reason(**changes: str) -> tuple[str, Decimal]:
    [row] = read(changes).rejected
    return row.code, row.value


def test_a_row_is_stored_with_all_that_it_says() -> None:
    said = ("2026-11-16 02:00", "500", "wet", "North", "7", "2026-11-16")
    moment = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
    assert read({}).rows == [WeighingLine(1, moment, Decimal(500), 500_000, "food", "wet", "North", "7", (), (*said, "1"))]


def test_empty_cells_say_nothing() -> None:
    [row] = read({"kind": "", "place": "", "no": "", "day": ""}).rows
    assert (row.stream, row.load_type, row.site, row.number, row.flags) == (None, None, None, None, ("stream_unknown",))


def test_a_row_that_stands_there_twice_is_flagged_and_told_apart() -> None:
    once, again, other = read({}, {}, {"no": "8"}).rows
    assert (once.flags, again.flags, other.flags) == ((), ("repeated",), ())
    assert (once.identity[-1], again.identity[-1], other.identity[-1]) == ("1", "2", "1")
    assert (once.row, again.row, other.row) == (1, 2, 3)


def test_a_load_above_the_outlier_weight_is_flagged() -> None:
    assert flags(w="30000") == ()
    assert flags(w="30001") == ("outlier",)


def test_a_time_far_from_the_day_it_was_reported_is_flagged_on_either_side() -> None:
    assert flags(day="2026-11-19 02:00") == ()
    assert flags(day="2026-11-19 02:01") == ("far_from_report",)
    assert flags(day="2026-11-13 02:00") == ()
    assert flags(day="2026-11-13 01:59") == ("far_from_report",)
    assert flags(day="soon") == ()


def test_a_stream_that_nobody_knows_is_flagged_when_there_is_such_a_column() -> None:
    assert flags(kind="dry") == ("stream_unknown",)
    [row] = parse(Table(["time", "w"], [LINE]), {"at": "time", "weight": "w"}, "kg", UTC, {}, RULES, ".").rows
    assert (row.flags, row.stream) == ((), None)


@pytest.mark.parametrize(
    ("changes", "code", "value"),
    [
        ({"w": ""}, "no_weight", "0"),
        ({"w": "x"}, "bad_weight", "0"),
        ({"w": "0"}, "weight_not_positive", "0"),
        ({"w": "-1"}, "weight_not_positive", "-1"),
        ({"w": "1000000000000"}, "bad_weight", "0"),
        ({"w": "-1000000000000"}, "weight_not_positive", "0"),
        ({"time": "soon"}, "bad_time", "500"),
        ({"place": "x" * 201}, "bad_text", "500"),
        ({"place": "a\x07b"}, "bad_text", "500"),
    ],
)
def test_a_row_is_rejected_with_its_reason_and_what_it_weighed(changes: dict[str, str], code: str, value: str) -> None:
    assert reason(**changes) == (code, Decimal(value))


def test_limits_of_a_row_are_themselves_taken() -> None:
    [long] = read({"place": "x" * 200}).rows
    assert long.site == "x" * 200
    [heavy] = read({"w": "999999999999"}).rows
    assert heavy.net_g == 999_999_999_999_000
    [light] = read({"w": "1"}).rows
    assert light.net_g == 1_000
    assert Rejected(1, "x", "y").value == 0


def test_half_a_gram_goes_to_the_even_side() -> None:
    assert [row.net_g for row in read({"w": "1.5"}, {"w": "2.5"}, unit="g").rows] == [2, 2]


def test_a_broken_line_is_rejected_whatever_it_weighs() -> None:
    assert [row.code for row in read({}, {"w": ""}, broken={1: "cut off", 2: "cut off"}).rejected] == ["bad_row", "no_weight"]
    assert [row.detail for row in read({}, {"w": ""}, broken={1: "cut off", 2: "cut off"}).rejected] == ["cut off"] * 2
