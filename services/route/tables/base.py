"""What all tables of the route service share."""

from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class RouteTable(SQLModel, registry=registry()):
    """This service's own tables."""


def partial(name: str, column: str, where: str) -> Index:
    return Index(name, column, postgresql_where=text(where), sqlite_where=text(where))


def row_of(table: Any) -> Any:
    """The SQLAlchemy table behind a class."""
    return table.__table__
