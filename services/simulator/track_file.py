"""Reads real tracks: a CSV file with a column mapping, times with or without a zone, names that are no ids."""

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.ids import derived_id

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
NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._:-]+")
LONGEST_ID = 64


class UnusableFile(ValueError):
    """The file lacks a column that is needed; the message names it and those there are."""


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
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        found = TrackFile(_columns(list(reader.fieldnames or ()), columns))
        for row_number, row in enumerate(reader, start=1):
            found.rows += 1
            try:
                found.fixes.append(_fix(row_number, row, found, zone))
            except ValueError as problem:
                found.unusable[str(problem)] += 1
    return found


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


def _fix(row_number: int, row: Mapping[str, str], found: TrackFile, zone: ZoneInfo | None) -> Fix:
    """Raises ValueError that names what is wrong with the row."""
    cell = {what: (row[column] or "").strip() for what, column in found.columns.items()}
    if not cell["vehicle"]:
        raise ValueError("no vehicle")
    at, ambiguous = _moment(cell["time"], zone)
    found.ambiguous_times += ambiguous
    return Fix(
        row=row_number,
        vehicle_id=vehicle_id_of(cell["vehicle"]),
        name=cell["vehicle"],
        at=at,
        lon=_number(cell["lon"], "longitude", 180),
        lat=_number(cell["lat"], "latitude", 90),
        speed_kmh=_number(cell["speed"], "speed", 1000) if cell.get("speed") else None,
        heading_deg=_number(cell["heading"], "heading", 360) if cell.get("heading") else None,
    )


def _moment(text: str, zone: ZoneInfo | None) -> tuple[datetime, bool]:
    """The moment, and whether its local time came twice that day."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
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


def _number(text: str, what: str, largest: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{what} not a number") from None
    if not -largest <= value <= largest:
        raise ValueError(f"{what} out of range")
    return value
