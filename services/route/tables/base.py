"""What all tables of the route service share."""

from sqlalchemy import Index, text
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class RouteTable(SQLModel, registry=registry()):
    """This service's own tables."""


def partial(name: str, columns: str | tuple[str, ...], where: str) -> Index:
    return Index(
        name, *([columns] if isinstance(columns, str) else columns), postgresql_where=text(where), sqlite_where=text(where)
    )
