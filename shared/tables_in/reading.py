"""From the content of a file to its table, whatever format, encoding, delimiter or nesting it has."""

from typing import Any, Literal

from shared.tables_in import workbook
from shared.tables_in.decoding import decoded, unpacked
from shared.tables_in.delimited import read_csv
from shared.tables_in.json_values import (
    Features,
    features_in,
    looks_like_lines,
    parsed,
    read_geojson,
    read_json,
    read_json_lines,
)
from shared.tables_in.table import IN_A_REQUEST, Room, Table

TextFormat = Literal["csv", "json", "jsonl", "geojson"]


def read_table(
    content: Any,
    text_format: TextFormat | None = None,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    room: Room = IN_A_REQUEST,
) -> Table:
    """`content`: the bytes of a file (CSV, JSON, JSON lines, GeoJSON, XLSX, XLS, ODS; any of them in gzip), its text, or
    values that JSON gave. What it is, is seen from the content; `text_format` says it of a text. `sheet`: of a workbook,
    by name; else the first that is not empty.

    Takes seconds for a big file: call it in a thread. Raises UnreadableFile.
    """
    if isinstance(content, bytes):
        content = unpacked(content)
        if workbook.is_workbook(content):
            return workbook.read_workbook(content, sheet, room)
        content = decoded(content, encoding)
    if not isinstance(content, str):
        return read_geojson(content, room) if text_format == "geojson" else read_json(content, room)
    text = content.removeprefix("\ufeff")
    match text_format or _format_of(text):
        case "csv":
            return read_csv(text, room)
        case "jsonl":
            return read_json_lines(text, room)
        case "geojson":
            return read_geojson(parsed(text), room)
        case _:
            return read_json(parsed(text), room)


def read_features(content: Any, *, encoding: str | None = None) -> Features:
    """The features of a GeoJSON file with their geometry; `content` as above. Raises UnreadableFile."""
    if isinstance(content, bytes):
        content = decoded(unpacked(content), encoding)
    return features_in(parsed(content.removeprefix("\ufeff")) if isinstance(content, str) else content)


def _format_of(text: str) -> TextFormat:
    if not text.lstrip().startswith(("{", "[")):
        return "csv"
    return "jsonl" if looks_like_lines(text) else "json"
