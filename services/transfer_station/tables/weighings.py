"""Tables: weighings of other systems. Weights are grams."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class WeighingRow(StationTable, table=True):
    """A weighing of another system. `value` and `unit` are the file's own; `net_g` is rounded to the gram."""

    __tablename__ = "weighing"
    __table_args__ = (Index("weighing_at", "at", "weighing_id"),)

    weighing_id: str = Field(primary_key=True)
    source: str
    row: int
    at: datetime = Field(sa_type=UtcTime)
    stream: str | None = None
    load_type: str | None = None
    site: str | None = None
    number: str | None = None
    value: str
    unit: str
    net_g: int = Field(sa_type=BigInteger)
    flags: list[str] = Field(sa_type=Json)
    imported_at: datetime = Field(sa_type=UtcTime)
