"""What all tables of the transfer_station service share."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class StationTable(SQLModel, registry=registry()):
    """This service's own tables."""
