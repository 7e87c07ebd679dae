"""The streets that are swept, flushed, disinfected or collected from door to door."""

from sqlalchemy import Double, Index, SmallInteger
from sqlmodel import Field

from services.route.tables.base import RouteTable
from shared.db import Json


class RoadSectionRow(RouteTable, table=True):
    """`line`: [[lon, lat], …] in WGS-84 from one end to the other; `lon`, `lat`: half-way along it; the box holds the line."""

    __tablename__ = "road_section"
    __table_args__ = (Index("road_section_box", "south", "north", "west", "east"),)

    section_id: str = Field(primary_key=True)
    name: str
    road_level: int = Field(sa_type=SmallInteger)
    """1 (busiest) to 4."""
    district_id: str | None = Field(None, index=True)
    line: list[list[float]] = Field(sa_type=Json)
    length_m: float = Field(sa_type=Double)
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    west: float = Field(sa_type=Double)
    south: float = Field(sa_type=Double)
    east: float = Field(sa_type=Double)
    north: float = Field(sa_type=Double)
