"""Tables: geofences."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import Json, UtcTime


class GeofenceRow(VehicleTable, table=True):
    __tablename__ = "geofence"

    fence_id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    rule: str
    polygon: list[Any] = Field(sa_type=Json)
    district_id: str | None = None
    valid_from: datetime = Field(sa_type=UtcTime)
    valid_to: datetime | None = Field(None, sa_type=UtcTime)
