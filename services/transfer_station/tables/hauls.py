"""Tables: sealed containers and their hauls."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class SealRow(StationTable, table=True):
    """A container filled and sealed."""

    __tablename__ = "seal"

    station_id: str = Field(primary_key=True)
    container_id: str = Field(primary_key=True)
    seal_number: str = Field(primary_key=True)
    stream: str
    sealed_at: datetime = Field(sa_type=UtcTime)
    person: str | None = None


class HaulRow(StationTable, table=True):
    __tablename__ = "haul"
    __table_args__ = (Index("haul_left", "left_at", "haul_id"), Index("haul_of_stock", "station_id", "stream", "left_at"))

    haul_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    container_id: str
    seal_number: str
    stream: str
    net_kg: int
    origins: dict[str, int] = Field(sa_type=Json)
    destination_plant_id: str
    vehicle_id: str | None = None
    plate: str
    status: str
    sealed_at: datetime = Field(sa_type=UtcTime)
    left_at: datetime = Field(sa_type=UtcTime)
    arrived_at: datetime | None = Field(None, sa_type=UtcTime)
    person: str | None = None
    reason: str | None = Field(None, sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcTime)
