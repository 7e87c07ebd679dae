"""Rows come back as the frozen types that a store asks for, and go out as what a table stores."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from pydantic import ValidationError
from sqlalchemy import Column, Integer, MetaData, String, Table

from shared.bodies import Answer, as_json
from shared.rows import columns_of, from_json, from_row, matching, to_row


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


@dataclass(frozen=True, slots=True)
class Weights:
    gross_kg: int
    tare_kg: int | None = None

    @property
    def net_kg(self) -> int:
        return self.gross_kg - (self.tare_kg or 0)


@dataclass(frozen=True, slots=True)
class Ticket:
    ticket_id: str
    colour: Colour
    weights: Weights

    @property
    def gross_kg(self) -> int:
        return self.weights.gross_kg


TICKET = Table("ticket", MetaData(), Column("ticket_id", String()), Column("colour", String()), Column("gross_kg", Integer()))


def test_a_part_that_is_no_column_is_read_from_the_columns_of_its_own_fields() -> None:
    row = {"ticket_id": "X", "colour": "red", "gross_kg": 9}
    ticket = from_row(Ticket, row)
    assert ticket == Ticket("X", Colour.RED, Weights(9))
    assert to_row(ticket, TICKET) == row
    with pytest.raises(ValidationError, match="gross_kg"):
        from_row(Ticket, {"ticket_id": "X", "colour": "red"})


@dataclass(frozen=True, slots=True)
class Filters:
    ticket_id: str | None = None
    colour: Colour | None = None
    start: datetime | None = None


def test_filters_compare_the_columns_that_they_ask_of() -> None:
    assert list(matching(Filters(), TICKET)) == []
    [clause] = matching(Filters(colour=Colour.RED, start=OPENED), TICKET)
    assert str(clause.compile(compile_kwargs={"literal_binds": True})) == "ticket.colour = 'red'"


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
    answer = VisitAnswer.describing(Visit(Bay("B1", ()), OPENED), seen_by="T-1")
    assert answer == VisitAnswer(at=OPENED, seen_by="T-1")
