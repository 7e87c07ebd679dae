"""Reads real tracks: a table with a column mapping, times with or without a zone, names that are no ids."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.ids import derived_id
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import AmbiguousNumbers, Mark, decimal_mark, decimal_of
from shared.tables_in.reading import read_table
from shared.tables_in.table import OF_ONE_S_OWN, Table, UnreadableFile
from shared.tables_in.times import date_and_time_of

GUESSES = {
    "vehicle": ("vehicle", "vehicle_id", "vehicleid", "truck", "truck_id", "device_id", "imei", "id", "car_no", "车牌", "车辆"),
    "time": (
        "timestamp_local",
        "timestamp",
        "time",
        "at",
        "datetime",
        "gps_time",
        "recorded_at",
        "时间",
        "定位时间",
    ),
    "lon": ("longitude", "lon", "lng", "long", "x", "经度"),
    "lat": ("latitude", "lat", "y", "纬度"),
    "speed": ("speed_kmh", "speed", "速度"),
    "heading": ("heading_deg", "heading", "direction", "course", "bearing", "方向"),
}
REQUIRED = ("vehicle", "time", "lon", "lat")
LARGEST = {"lon": 180, "lat": 90, "speed": 1000, "heading": 360}
CALLED = {"lon": "longitude", "lat": "latitude"}
NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._:-]+")
LONGEST_ID = 64


class UnusableFile(ValueError):
    """The file cannot be read, or lacks a column that is needed; the message names it and those there are."""


@dataclass(frozen=True, slots=True)
class Fix:
    row: int
    vehicle_id: str
    name: str
    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None = None
    heading_deg: float | None = None


@dataclass(slots=True)
class TrackFile:
    """`unusable`: why rows were left out, with a count; `ambiguous_times`: local times that came twice, when clocks went
    back, and were taken as the first of the two."""

    columns: Mapping[str, str]
    rows: int = 0
    ambiguous_times: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    fixes: list[Fix] = field(default_factory=list)


def read_tracks(path: Path, columns: Mapping[str, str | None], zone: ZoneInfo | None) -> TrackFile:
    """`columns`: the file's names for vehicle, time, lon, lat, speed (km/h), heading; those left out are guessed.

    `zone` is that of times without an offset; without a zone they are not usable. Raises UnusableFile.
    """
    try:
        table = read_table(path.read_bytes(), room=OF_ONE_S_OWN)
        file = TrackFile(_columns(table.columns, columns), rows=len(table.rows))
        marks = _marks(table, file.columns)
    except (UnreadableFile, AmbiguousNumbers) as error:
        raise UnusableFile(str(error)) from error
    for row_number, row in enumerate(table.rows, start=1):
        try:
            file.fixes.append(_fix(row_number, row, file, marks, zone))
        except ValueError as problem:
            file.unusable[str(problem)] += 1
    return file


def _marks(table: Table, columns: Mapping[str, str]) -> dict[str, Mark]:
    numbers = [what for what in LARGEST if what in columns]
    return {what: decimal_mark(table.column(columns[what]), columns[what], None, LARGEST[what]) for what in numbers}


def vehicle_id_of(name: str) -> str:
    """The name itself where it is an id; else its usable letters and a mark that keeps different names apart."""
    plain = NOT_IN_AN_ID.sub("-", name).strip("-._:")
    if plain == name and 0 < len(name) <= LONGEST_ID:
        return name
    return f"{plain[: LONGEST_ID - 9] or 'vehicle'}-{derived_id(name)[:8]}"


def _columns(names: list[str], asked: Mapping[str, str | None]) -> dict[str, str]:
    by_plain_name = {name.strip().lower(): name for name in names}
    columns: dict[str, str] = {}
    for what, guesses in GUESSES.items():
        wish = asked.get(what)
        if wish and wish not in names:
            raise UnusableFile(f"no column {wish!r}; the file has: {', '.join(names)}")
        guess = next((by_plain_name[guess] for guess in guesses if guess in by_plain_name), None)
        if column := wish or guess:
            columns[what] = column
        elif what in REQUIRED:
            raise UnusableFile(f"which column is the {what}? Name it with --{what}-column; there are: {', '.join(names)}")
    return columns


def _fix(row_number: int, row: Mapping[str, Any], file: TrackFile, marks: Mapping[str, Mark], zone: ZoneInfo | None) -> Fix:
    """Raises ValueError that names what is wrong with the row."""
    cell = {what: row.get(column) for what, column in file.columns.items() if text_of(row.get(column))}
    if "vehicle" not in cell:
        raise ValueError("no vehicle")
    name = text_of(cell["vehicle"])
    at, ambiguous = _moment(cell.get("time"), zone)
    file.ambiguous_times += ambiguous
    return Fix(
        row=row_number,
        vehicle_id=vehicle_id_of(name),
        name=name,
        at=at,
        lon=_number(cell.get("lon"), "lon", marks),
        lat=_number(cell.get("lat"), "lat", marks),
        speed_kmh=_number(cell["speed"], "speed", marks) if "speed" in cell else None,
        heading_deg=_number(cell["heading"], "heading", marks) if "heading" in cell else None,
    )


def _moment(cell: Any, zone: ZoneInfo | None) -> tuple[datetime, bool]:
    """The moment, and whether its local time came twice that day."""
    try:
        at = date_and_time_of(cell)
    except BadCell:
        raise ValueError("time not readable") from None
    if at.tzinfo is not None:
        return at.astimezone(UTC), False
    if zone is None:
        raise ValueError("time without a zone")
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC), False
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise ValueError("local time that clocks skipped")
    return first.astimezone(UTC), True


def _number(cell: Any, what: str, marks: Mapping[str, Mark]) -> float:
    try:
        value = float(decimal_of(cell, marks[what]))
    except BadCell:
        raise ValueError(f"{CALLED.get(what, what)} not a number") from None
    if not -LARGEST[what] <= value <= LARGEST[what]:
        raise ValueError(f"{CALLED.get(what, what)} out of range")
    return value
