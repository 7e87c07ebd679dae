"""What every table of this service stands on."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class EvaluationTable(SQLModel, registry=registry()):
    """This service's own tables."""
