"""What all tables of the complaint service share."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class ComplaintTable(SQLModel, registry=registry()):
    """This service's own tables."""
