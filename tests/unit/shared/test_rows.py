"""Rows come back as the frozen types that a store asks for, and go out as what a table stores."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from pydantic import ValidationError
from sqlalchemy import Column, MetaData, String, Table

from shared.bodies import Answer, as_json
from shared.rows import columns_of, from_json, from_row, to_row


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Bay:
    bay_id: str
    colours: tuple[Colour, ...]


@dataclass(frozen=True, slots=True)
class Station:
    station_id: str
    colour: Colour
    opened_at: datetime | None
    bays: tuple[Bay, ...] = ()


OPENED = datetime(2026, 3, 1, tzinfo=UTC)
ROW = {
    "station_id": "S1",
    "colour": "red",
    "opened_at": OPENED,
    "bays": [{"bay_id": "B1", "colours": ["red"]}],
    "of_no_interest": 1,
}


def test_a_row_becomes_what_the_annotations_say() -> None:
    assert from_row(Station, ROW) == Station("S1", Colour.RED, OPENED, (Bay("B1", (Colour.RED,)),))


def test_a_type_becomes_a_row_again() -> None:
    station = from_row(Station, ROW)
    row = to_row(station)
    assert (row["station_id"], row["colour"], row["opened_at"]) == ("S1", "red", OPENED)
    assert type(row["colour"]) is str
    assert from_row(Station, row) == station


def test_a_row_that_lacks_a_column_or_holds_an_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        from_row(Station, {"station_id": "S1"})
    with pytest.raises(ValidationError):
        from_row(Station, ROW | {"colour": "blue"})


def test_a_query_asks_for_the_columns_that_the_fields_name() -> None:
    table = Table("bay", MetaData(), Column("colours", String), Column("bay_id", String), Column("unasked", String))
    assert [column.key for column in columns_of(Bay, table)] == ["bay_id", "colours"]


# --- JSON columns and answers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    bay: Bay
    at: datetime


class VisitAnswer(Answer):
    at: datetime
    seen_by: str


def test_a_type_within_a_type_is_stored_as_json() -> None:
    row = to_row(Visit(Bay("B1", (Colour.RED,)), OPENED))
    assert row == {"bay": {"bay_id": "B1", "colours": ["red"]}, "at": OPENED}
    assert from_json(Bay, '{"bay_id": "B1", "colours": ["red"]}') == Bay("B1", (Colour.RED,))


def test_a_type_is_shown_as_json_with_times_that_name_their_offset() -> None:
    shown = as_json({"visits": (Visit(Bay("B1", (Colour.RED,)), OPENED),)})
    assert shown == {"visits": [{"bay": {"bay_id": "B1", "colours": ["red"]}, "at": "2026-03-01T00:00:00+00:00"}]}


def test_an_answer_is_made_of_a_thing_and_of_what_it_does_not_say() -> None:
    answer = VisitAnswer.of(Visit(Bay("B1", ()), OPENED), seen_by="T-1")
    assert answer == VisitAnswer(at=OPENED, seen_by="T-1")
