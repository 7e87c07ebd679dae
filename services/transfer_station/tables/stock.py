"""Tables: what came and went, and the stock of each day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class MovementRow(StationTable, table=True):
    """What moves a station's stock: tickets in (+), hauls out (−), corrections (±). A void one weighs 0."""

    __tablename__ = "movement"
    __table_args__ = (Index("movement_of_stock", "station_id", "stream", "at"),)

    movement_id: str = Field(primary_key=True)
    kind: str
    station_id: str
    stream: str
    at: datetime = Field(sa_type=UtcTime)
    kg: int = Field(sa_type=BigInteger)
    district_id: str | None = None


class StockEntryRow(StationTable, table=True):
    """What a person said of the stock: counted (`stock_taking`, `kg` is what was there) or lost (`residue`, `moisture_loss`)."""

    __tablename__ = "stock_entry"
    __table_args__ = (Index("stock_entry_at", "station_id", "stream", "at"),)

    entry_id: str = Field(primary_key=True)
    station_id: str
    stream: str
    kind: str
    kg: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcTime)
    person: str
    reason: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=UtcTime)


class StockRow(StationTable, table=True):
    """What was last told of a stream's stock. `dirty`: something moved since; `moved_from`: that is the oldest of it."""

    __tablename__ = "stock"

    station_id: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    revision: int
    stored_kg: int = Field(sa_type=BigInteger)
    capacity_kg: int = Field(sa_type=BigInteger)
    dirty: bool
    moved_from: datetime | None = Field(None, sa_type=UtcTime)
    at: datetime = Field(sa_type=UtcTime)


class StockDayRow(StationTable, table=True):
    """A station's day of a stream as it was last told; a day on which nothing moved any more keeps its row."""

    __tablename__ = "stock_day"

    station_id: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    revision: int
    opening_kg: int = Field(sa_type=BigInteger)
    in_kg: int = Field(sa_type=BigInteger)
    out_kg: int = Field(sa_type=BigInteger)
    lost_kg: dict[str, int] = Field(sa_type=Json)
    closing_kg: int = Field(sa_type=BigInteger)
    changed_at: datetime = Field(sa_type=UtcTime)
