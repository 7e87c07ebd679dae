"""Tables: dispatch orders that wait for their truck."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import Json, UtcTime


class PendingOrderRow(VehicleTable, table=True):
    """A dispatch order as its truck sees it. `waiting`: it goes out with every answer until the driver has said something."""

    __tablename__ = "pending_order"
    __table_args__ = (
        Index("pending_order_waiting", "vehicle_id", postgresql_where=text("waiting"), sqlite_where=text("waiting")),
    )

    order_id: str = Field(primary_key=True)
    revision: int
    vehicle_id: str
    given_at: datetime = Field(sa_type=UtcTime)
    waiting: bool
    shown: dict[str, Any] = Field(sa_type=Json)
    delivered_at: datetime | None = Field(None, sa_type=UtcTime)
    """When it first went out."""
