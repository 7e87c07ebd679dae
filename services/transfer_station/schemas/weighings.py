"""Weighings of another system."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.bodies import Answer, Id, Zone
from shared.tables_in.bodies import TableImport
from shared.vocabulary import WasteStream

Column = Annotated[str, Field(max_length=200)]
Unit = Literal["kg", "t", "lb", "short_ton"]


class WeighingImport(TableImport):
    """A file of weighings. `source`: names the data set; its rows again are duplicates. `mapping`: our field (at,
    weight, stream, site, number, reported_on) → the file's column. `streams`: the file's word → our code."""

    source: Id
    mapping: dict[Literal["at", "weight", "stream", "site", "number", "reported_on"], Column]
    unit: Unit
    zone: Zone = "UTC"
    streams: Annotated[dict[Column, WasteStream], Field(max_length=500)] = {}
    dry_run: bool = False


class Sum(Answer):
    """`value`: in the file's own unit, exactly. `grams`: of that, exactly."""

    rows: int
    value: str
    grams: str


class RejectedRow(Answer):
    """`row`: 1-based, the header not counted."""

    row: int
    code: str
    detail: str


class NamedRow(Answer):
    row: int
    flags: list[str]


class WeighingImportAnswer(Answer):
    """file = stored + duplicate + rejected, in rows and in weight. `stored_g`: as stored, each row rounded to the gram;
    `rounding_g` is the difference to the exact grams. `named`: rows that are stored though something is odd about them."""

    dry_run: bool
    unit: Unit
    file: Sum
    stored: Sum
    duplicate: Sum
    rejected: Sum
    stored_g: int
    rounding_g: str
    rejected_rows: list[RejectedRow]
    named: list[NamedRow]


class WeighingAnswer(Answer):
    weighing_id: str
    source: str
    row: int
    at: datetime
    stream: str | None
    load_type: str | None
    site: str | None
    number: str | None
    value: str
    unit: str
    net_g: int
    flags: list[str]
    imported_at: datetime
