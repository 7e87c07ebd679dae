"""Tables: trucks, their tares, and their minutes within a station's gate."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class TruckRow(StationTable, table=True):
    """Every entry that the registry of vehicles told, so that what held at a time does not depend on when we heard of it."""

    __tablename__ = "truck"
    __table_args__ = (Index("truck_plate", "plate_key"),)

    vehicle_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    registered_at: datetime = Field(sa_type=UtcTime)
    plate: str
    plate_key: str
    tare_kg: int
    contractor_id: str | None = None
    district_id: str | None = None
    waste_streams: list[str] = Field(sa_type=Json)


class TareRow(StationTable, table=True):
    """An empty truck as somebody weighed it for use with later tickets. `station_ids`: where it holds; None: everywhere."""

    __tablename__ = "tare"

    vehicle_id: str = Field(primary_key=True)
    weighed_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    tare_kg: int
    expires_at: datetime = Field(sa_type=UtcTime)
    person: str
    station_ids: list[str] | None = Field(None, sa_type=Json)


class GateMinuteRow(StationTable, table=True):
    """A truck was at a station's gate in this minute: as much of its track as matching needs, the same in any order."""

    __tablename__ = "gate_minute"
    __table_args__ = (Index("gate_minute_at", "station_id", "minute"),)

    station_id: str = Field(primary_key=True)
    vehicle_id: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcTime)
