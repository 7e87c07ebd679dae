"""What every table of this service stands on."""

from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class EvaluationTable(SQLModel, registry=registry()):
    """This service's own tables."""


def row_of(table: Any) -> Any:
    """The SQLAlchemy table behind a class."""
    return table.__table__
