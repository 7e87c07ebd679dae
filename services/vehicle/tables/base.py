"""What all tables of the vehicle service share."""

from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class VehicleTable(SQLModel, registry=registry()):
    """This service's own tables."""


def row_of(table: Any) -> Any:
    """The SQLAlchemy table behind a class."""
    return table.__table__
