"""Tables: stations."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double
from sqlmodel import Field

from services.transfer_station.tables.base import StationTable
from shared.db import Json, UtcTime


class StationRow(StationTable, table=True):
    """`gate`: a GeoJSON Polygon's coordinates in WGS-84; without one the gate is all within `gate_radius_m` of lon, lat."""

    __tablename__ = "station"

    station_id: str = Field(primary_key=True)
    revision: int
    name_zh: str
    name_en: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    gate: list[Any] | None = Field(None, sa_type=Json)
    gate_radius_m: float = Field(sa_type=Double)
    district_id: str | None = None
    capacity_kg: dict[str, int] = Field(sa_type=Json)
    bays: list[dict[str, Any]] = Field(sa_type=Json)
    compactors: list[dict[str, Any]] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcTime)
