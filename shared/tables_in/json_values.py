"""JSON, JSON lines and GeoJSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.tables_in.table import Room, Row, Table, UnreadableFile


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for a value that is no object, with the reason."""

    why: str


@dataclass(frozen=True, slots=True)
class Features:
    """Of a GeoJSON FeatureCollection; `crs`: the coordinate system it names itself, None where it names none."""

    items: list[Any]
    crs: str | None


def parsed(text: str) -> Any:
    """NaN and Infinity stay words, to be rejected with their row."""
    # The hooks are Python calls: between them other threads get their turn while C parses on.
    try:
        return json.loads(text, parse_constant=str, parse_float=_number, object_hook=_same)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"not valid JSON: {error}") from error


def _number(text: str) -> float:
    return float(text)


def _same(item: Row) -> Row:
    return item


def looks_like_lines(text: str) -> bool:
    """Whether the first line is a whole object, and another one follows."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read_json_lines(text: str, room: Room) -> Table:
    return _table_of(_lines(text), room)


def _lines(text: str) -> Iterator[Any]:
    for line in text.split("\n"):
        if line.strip():
            try:
                yield parsed(line)
            except UnreadableFile as error:
                yield Broken(str(error))


def read_json(data: Any, room: Room) -> Table:
    """Of a list of objects, an object that holds one such list or is the only row, a list of routes that each hold a list of
    `stops`, or GeoJSON."""
    if is_geojson(data):
        return read_geojson(data, room)
    return _table_of(_rows(data), room)


def _rows(data: Any) -> list[Any]:
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list) and _may_be_rows(value)]
        if data and not lists:
            return [data]  # JSON lines with a single line
        if len(lists) != 1:
            raise UnreadableFile(f"expected a list of rows, or an object with exactly one list (found {len(lists)})")
        data = lists[0]
    if not isinstance(data, list):
        raise UnreadableFile("expected a list of rows")
    rows: list[Any] = []
    for item in data:
        if isinstance(item, dict) and isinstance(item.get("stops"), list):
            route = {name: value for name, value in item.items() if name != "stops"}
            rows += [{**route, **stop} if isinstance(stop, dict) else stop for stop in item["stops"]]
        else:
            rows.append(item)
    return rows


def _may_be_rows(values: list[Any]) -> bool:
    """A list of streams within a row is none."""
    return not values or any(isinstance(value, dict) for value in values)


def _table_of(items: Iterable[Any], room: Room) -> Table:
    table = Table([], [])
    columns: dict[str, None] = {}
    cells = 0
    for number, item in enumerate(items, start=1):
        row: Row = {}
        if isinstance(item, dict):
            try:
                _flatten(item, "", row)
            except RecursionError:
                row, table.broken[number] = {}, "nested too deeply"
        else:
            table.broken[number] = item.why if isinstance(item, Broken) else f"a {type(item).__name__}, not an object"
        table.rows.append(row)
        columns.update(dict.fromkeys(row))
        cells += len(row)
        room.require(number, len(columns), cells)
    table.columns = list(columns)
    return table


def _flatten(item: Row, prefix: str, row: Row) -> None:
    """`{"at": {"lon": 1}}` becomes the column `at.lon`."""
    for name, value in item.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{name}.", row)
        else:
            row[f"{prefix}{name}"] = value


# --- GeoJSON (RFC 7946, and the crs member of the GeoJSON of 2008) ------------------------------------------------


def is_geojson(data: Any) -> bool:
    return isinstance(data, dict) and data.get("type") == "FeatureCollection"


def features_in(data: Any) -> Features:
    items = data.get("features") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise UnreadableFile("expected a GeoJSON FeatureCollection")
    return Features(items, _crs(data.get("crs")))


def _crs(member: Any) -> str | None:
    """`{"type": "name", "properties": {"name": "EPSG:4490"}}`, or just the name; null says nothing."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else member
    return name if isinstance(name, str) else json.dumps(member)[:100]


def read_geojson(data: Any, room: Room) -> Table:
    """Properties of each feature; a Point's coordinates become the columns `lon` and `lat`."""
    features = features_in(data)
    table = _table_of((_point_row(feature) for feature in features.items), room)
    table.crs = features.crs
    return table


def _point_row(feature: Any) -> Any:
    if not isinstance(feature, dict):
        return feature
    properties = feature.get("properties")
    row = dict(properties) if isinstance(properties, dict) else {}
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        at = geometry.get("coordinates")
        if isinstance(at, list) and len(at) > 1:
            row["lon"], row["lat"] = at[0], at[1]
    return row
