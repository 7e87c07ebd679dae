"""Tables: the registry of vehicles and their current state."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double
from sqlmodel import Field

from services.vehicle.tables.base import VehicleTable
from shared.db import Json, UtcTime


class VehicleRow(VehicleTable, table=True):
    """The registry. `waste_streams`: what the truck may carry."""

    __tablename__ = "vehicle"

    vehicle_id: str = Field(primary_key=True)
    plate: str
    kind: str
    waste_streams: list[str] = Field(sa_type=Json)
    tare_kg: int
    capacity_kg: int
    contractor_id: str | None = Field(None, index=True)
    district_id: str | None = Field(None, index=True)
    onboard_unit_id: str | None = None
    revision: int
    registered_at: datetime = Field(sa_type=UtcTime)


class VehicleRevisionRow(VehicleTable, table=True):
    """Whose a truck was and what it might carry, by every entry that the registry had of it."""

    __tablename__ = "vehicle_revision"

    vehicle_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    waste_streams: list[str] = Field(sa_type=Json)
    contractor_id: str | None = None
    district_id: str | None = None
    registered_at: datetime = Field(sa_type=UtcTime)


class VehicleStateRow(VehicleTable, table=True):
    """The newest that is known of a vehicle, and what the alert rules remember. Its row lock orders a vehicle's writers.

    Written with every group of records: so no index but its key, and room in its pages for the next version of a row.
    """

    __tablename__ = "vehicle_state"

    vehicle_id: str = Field(primary_key=True)
    newest_at: datetime | None = Field(None, sa_type=UtcTime)
    """No stored position is newer, except for those up to `future_at`."""
    future_at: datetime | None = Field(None, sa_type=UtcTime)
    last_at: datetime | None = Field(None, sa_type=UtcTime)
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = Field(None, sa_type=UtcTime)
    load_kg: int | None = None
    received_at: datetime | None = Field(None, sa_type=UtcTime)
    silence_judged_at: datetime | None = Field(None, sa_type=UtcTime)
    """The `last_at` whose silence has been looked at."""
    has_orders: bool = False
    """Whether a dispatch order waits to go out: read with the state, so that telemetry without orders asks nothing more."""
    motion: dict[str, Any] | None = Field(None, sa_type=Json)
    scales: dict[str, Any] | None = Field(None, sa_type=Json)
    records: int = Field(0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Positions and loads stored."""
    lifts: int = Field(0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Bin lifts stored."""
