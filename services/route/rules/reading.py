"""From the text of a timetable file to rows of named cells, whatever delimiter, encoding or nesting it has."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL_LINES = 20  # more line breaks inside one cell are a quote that was never closed
Row = dict[str, Any]


class UnreadableFile(ValueError):
    """The file as a whole is not what it claims to be; the text says where and why."""


@dataclass(slots=True)
class Table:
    """`rows` in file order (row 1 first); `broken` names what is wrong with the shape of a row, by row number."""

    columns: list[str]
    rows: list[Row]
    broken: dict[int, str] = field(default_factory=dict)


def read_table(content: str | bytes, file_format: str) -> Table:
    """`file_format` is csv, json or geojson. Raises UnreadableFile."""
    text = content if isinstance(content, str) else decoded(content)
    text = text.removeprefix("\ufeff")
    if file_format == "csv":
        return _read_csv(text)
    if file_format == "json":
        return _table_of(_json_rows(_parsed(text)))
    if file_format == "geojson":
        return _table_of(_feature_rows(_parsed(text)))
    raise UnreadableFile(f"format {file_format!r} is not one of csv, json, geojson")


def decoded(content: bytes) -> str:
    """UTF-8 if it is valid UTF-8 (UTF-16 by its mark), else GB 18030 (which includes GBK and GB 2312), else Big5."""
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_utf16 else ["utf-8-sig", "gb18030", "big5"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"the text is not in {' or '.join(encodings)}")


# --- CSV --------------------------------------------------------------------------------------------------------


def _read_csv(text: str) -> Table:
    delimiter, text = _delimiter_line(text)
    records = _records(text, delimiter)
    header = next(records, None)
    if header is None:
        raise UnreadableFile("the file is empty")
    columns = _distinct([name.strip().removeprefix("\ufeff") for name in header])
    table = Table(columns, [])
    for record in records:
        table.rows.append(dict(zip(columns, record, strict=False)))
        if any(cell.strip() for cell in record[len(columns) :]):
            table.broken[len(table.rows)] = f"{len(record)} cells under {len(columns)} columns"
    return table


def _delimiter_line(text: str) -> tuple[str, str]:
    """Spreadsheets may write `sep=;` first; otherwise the header line decides."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    mark = first.strip().lower()
    if mark.startswith("sep=") and len(mark) == len("sep=;"):
        return mark[-1], rest
    if first.strip("\r\n").lower() == "sep=\t":
        return "\t", rest
    cells = {delimiter: len(next(_records(text, delimiter), [])) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=cells.__getitem__), text


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The lines' cells without blank lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        for record in reader:
            for cell in record:
                if cell.count("\n") > LONGEST_CELL_LINES:
                    raise UnreadableFile(f"a quote before line {reader.line_num} is never closed: {cell[:40]!r}")
            if len(record) > 1 or any(cell.strip() for cell in record):
                yield record
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: {error}") from error


def _distinct(names: list[str]) -> list[str]:
    """A repeated column keeps its first meaning; the later ones become `name (2)`, `name (3)` ..."""
    seen: dict[str, int] = {}
    columns = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        columns.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return columns


# --- JSON, GeoJSON ----------------------------------------------------------------------------------------------


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)  # NaN and Infinity stay words, to be rejected with their row
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise UnreadableFile(f"not valid JSON: {error}") from error


def _json_rows(data: Any) -> list[Any]:
    """A list of objects, an object holding one such list, or a list of routes that each hold a list of `stops`."""
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
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


def _feature_rows(data: Any) -> list[Any]:
    """Properties of each feature; a Point's coordinates become the columns `lon` and `lat`."""
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise UnreadableFile("expected a GeoJSON FeatureCollection")
    return [_feature_row(feature) for feature in features]


def _feature_row(feature: Any) -> Any:
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


def _table_of(items: list[Any]) -> Table:
    table = Table([], [])
    columns: dict[str, None] = {}
    for number, item in enumerate(items, start=1):
        row: Row = {}
        if isinstance(item, dict):
            try:
                _flatten(item, "", row)
            except RecursionError:
                row, table.broken[number] = {}, "nested too deeply"
        else:
            table.broken[number] = f"a {type(item).__name__}, not an object"
        table.rows.append(row)
        columns.update(dict.fromkeys(row))
    table.columns = list(columns)
    return table


def _flatten(item: dict[str, Any], prefix: str, row: Row) -> None:
    """`{"at": {"lon": 1}}` becomes the column `at.lon`."""
    for name, value in item.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{name}.", row)
        else:
            row[f"{prefix}{name}"] = value
