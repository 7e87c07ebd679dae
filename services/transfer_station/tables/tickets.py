"""Tables: weighbridge tickets. Weights are whole kilograms."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class TicketRow(StationTable, table=True):
    __tablename__ = "ticket"
    __table_args__ = (
        Index("ticket_station_in", "station_id", "weighed_in_at"),
        Index("ticket_in", "weighed_in_at", "ticket_id"),
        Index("ticket_vehicle", "vehicle_id", "weighed_in_at"),
        Index("ticket_plate", "said_plate_key", "weighed_in_at"),
    )

    ticket_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    client_id: str
    number: str
    given_vehicle_id: str | None = None
    """What the weigh-in or a person said, as `said_plate`; `vehicle_id` and `plate` are what holds."""
    given_district_id: str | None = None
    said_plate: str
    said_plate_key: str
    vehicle_id: str | None = None
    matched_by: str | None = None
    """given, person, plate or gate."""
    plate: str
    plate_key: str
    contractor_id: str | None = None
    district_id: str | None = None
    stream: str
    status: str
    gross_kg: int
    tare_kg: int | None = None
    net_kg: int | None = None
    tare_source: str | None = None
    manual: bool = False
    reason: str | None = Field(None, sa_type=Text)
    person: str | None = None
    scale_in_id: str | None = None
    scale_out_id: str | None = None
    arrived_at: datetime | None = Field(None, sa_type=UtcTime)
    weighed_in_at: datetime = Field(sa_type=UtcTime)
    bay_id: str | None = None
    bay_at: datetime | None = Field(None, sa_type=UtcTime)
    weighed_out_at: datetime | None = Field(None, sa_type=UtcTime)
    left_at: datetime | None = Field(None, sa_type=UtcTime)
    voided_at: datetime | None = Field(None, sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class TicketRevisionRow(StationTable, table=True):
    """A ticket as it stood after each change. `actor`: the token's id."""

    __tablename__ = "ticket_revision"

    ticket_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    action: str
    actor: str
    person: str | None = None
    reason: str | None = Field(None, sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcTime)
    ticket: dict[str, Any] = Field(sa_type=Json)
