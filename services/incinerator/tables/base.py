"""What all tables of the incinerator service share."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class IncineratorTable(SQLModel, registry=registry()):
    """This service's own tables."""
