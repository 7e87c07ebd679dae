"""Incineration plants."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double
from sqlmodel import Field

from services.incinerator.tables.base import IncineratorTable
from shared.db import Json, UtcTime


class PlantRow(IncineratorTable, table=True):
    """`limits`: emission limits of its own, stricter than the national ones; `bunker_capacity_kg`: null when not known."""

    __tablename__ = "plant"

    plant_id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    district_id: str | None = None
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    bunker_capacity_kg: int | None = None
    limits: list[dict[str, Any]] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcTime)
