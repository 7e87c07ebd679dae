"""Between a table's rows and the frozen types of a service's domain. Nothing above a store sees a row.

A type names the columns it wants by its fields, in any order; enums, tuples and types within a JSON column come back as what the
annotations say. A field that is no column and whose type is a dataclass is a part: its own fields name columns of the same row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
PLAIN = frozenset({type(None), bool, int, float, str, date, datetime})
"""Stored as they are: most values, so they are asked for first."""


def table_of(model: Any) -> Table:
    """The SQLAlchemy table behind a class of `tables/`."""
    table: Table = model.__table__
    return table


def columns_of(kind: type[Any], table: Table) -> list[ColumnElement[Any]]:
    """The columns that the fields of `kind` are named for."""
    return [table.c[field.name] for field in fields(kind)]


async def one(session: AsyncSession, kind: type[T], query: Select[Any]) -> T | None:
    """What the query finds, as `kind`; None when it finds nothing."""
    row = (await session.execute(query)).one_or_none()
    return None if row is None else from_row(kind, row)


async def many(session: AsyncSession, kind: type[T], query: Select[Any]) -> list[T]:
    result = await session.execute(query)
    names = tuple(result.keys())
    # A dictionary for each row: asking a row for each of its names costs more than all the rest.
    return [from_row(kind, dict(zip(names, row, strict=True))) for row in result]


def from_row(kind: type[T], row: Row[Any] | Mapping[str, Any]) -> T:
    values = row._mapping if isinstance(row, Row) else row
    parts = _parts(kind)  # type: ignore[arg-type]
    mine = {name: values[name] for name in _names(kind) if name not in parts or name in values}  # type: ignore[arg-type]
    for name in parts.keys() - mine.keys():
        mine[name] = {own: values[own] for own in parts[name] if own in values}
    read: T = _adapter(kind).validate_python(mine)  # type: ignore[arg-type]
    return read


def from_json(kind: type[T], text: str) -> T:
    """What was stored as JSON text."""
    read: T = _adapter(kind).validate_json(text)  # type: ignore[arg-type]
    return read


def to_row(value: Any, table: Table | None = None) -> dict[str, Any]:
    """Its fields as a table stores them; what lies within a JSON column is turned when it is written.

    With `table` the table's columns, each read from the attribute of its name: for a type with parts.
    """
    names = _names(type(value)) if table is None else table.c.keys()  # type: ignore[arg-type]
    return {name: _stored(getattr(value, name)) for name in names}


def to_rows(values: Iterable[Any], table: Table | None = None) -> list[dict[str, Any]]:
    return [to_row(value, table) for value in values]


def matching(filters: Any, table: Table) -> Sequence[ColumnElement[bool]]:
    """The rows whose columns equal what `filters` asks; None asks nothing. A field that is no column is left to the caller."""
    asked = {name: _stored(getattr(filters, name)) for name in _names(type(filters)) if name in table.c}  # type: ignore[arg-type]
    return [table.c[name] == value for name, value in asked.items() if value is not None]


def _stored(value: Any) -> Any:
    if type(value) in PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    return value.value if isinstance(value, Enum) else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _parts(kind: type[Any]) -> dict[str, tuple[str, ...]]:
    """The fields whose type is a dataclass, each with the names of its own fields."""
    hints = get_type_hints(kind)
    kinds = {name: hints[name] for name in _names(kind)}  # type: ignore[arg-type]
    return {name: _names(part) for name, part in kinds.items() if isinstance(part, type) and is_dataclass(part)}


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
