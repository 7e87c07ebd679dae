"""What all tables of the vehicle service share."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class VehicleTable(SQLModel, registry=registry()):
    """This service's own tables."""
