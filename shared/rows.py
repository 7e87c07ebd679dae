"""Between a table's rows and the frozen types of a service's domain. Nothing above a store sees a row.

A type names the columns it wants by its fields, in any order; enums, tuples and types within a JSON column come back as what the
annotations say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


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
    return [from_row(kind, row) for row in await session.execute(query)]


def from_row(kind: type[T], row: Row[Any] | Mapping[str, Any]) -> T:
    values = row._mapping if isinstance(row, Row) else row
    read: T = _adapter(kind).validate_python({name: values[name] for name in _names(kind)})  # type: ignore[arg-type]
    return read


def from_json(kind: type[T], text: str) -> T:
    """What was stored as JSON text."""
    read: T = _adapter(kind).validate_json(text)  # type: ignore[arg-type]
    return read


def to_row(value: Any) -> dict[str, Any]:
    """Its fields as a table stores them; a list within a JSON column is turned when it is written."""
    return {name: _stored(getattr(value, name)) for name in _names(type(value))}  # type: ignore[arg-type]


def to_rows(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [to_row(value) for value in values]


def _stored(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    return value.value if isinstance(value, Enum) else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
