"""What the transfer_station service stores. Weights are whole kilograms, but for imported weighings: grams."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Index, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db import Json, UtcTime


class StationTable(SQLModel, registry=registry()):
    """This service's own tables."""


class Station(StationTable, table=True):
    """`gate`: a GeoJSON Polygon's coordinates in WGS-84; without one the gate is all within `gate_radius_m` of lon, lat."""

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


class Truck(StationTable, table=True):
    """Every entry that the registry of vehicles told, so that what held at a time does not depend on when we heard of it."""

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


class Tare(StationTable, table=True):
    """An empty truck as somebody weighed it for use with later tickets. `station_ids`: where it holds; None: everywhere."""

    vehicle_id: str = Field(primary_key=True)
    weighed_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    tare_kg: int
    expires_at: datetime = Field(sa_type=UtcTime)
    person: str
    station_ids: list[str] | None = Field(None, sa_type=Json)


class GateMinute(StationTable, table=True):
    """A truck was at a station's gate in this minute: as much of its track as matching needs, the same in any order."""

    __tablename__ = "gate_minute"
    __table_args__ = (Index("gate_minute_at", "station_id", "minute"),)

    station_id: str = Field(primary_key=True)
    vehicle_id: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcTime)


class Ticket(StationTable, table=True):
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


class TicketRevision(StationTable, table=True):
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


class Movement(StationTable, table=True):
    """What moves a station's stock: tickets in (+), hauls out (−), corrections (±). A void one weighs 0."""

    __table_args__ = (Index("movement_of_stock", "station_id", "stream", "at"),)

    movement_id: str = Field(primary_key=True)
    kind: str
    station_id: str
    stream: str
    at: datetime = Field(sa_type=UtcTime)
    kg: int = Field(sa_type=BigInteger)
    district_id: str | None = None


class StockEntry(StationTable, table=True):
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


class Stock(StationTable, table=True):
    """What was last told of a stream's stock. `dirty`: something moved since; `moved_from`: that is the oldest of it."""

    station_id: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    revision: int
    stored_kg: int = Field(sa_type=BigInteger)
    capacity_kg: int = Field(sa_type=BigInteger)
    dirty: bool
    moved_from: datetime | None = Field(None, sa_type=UtcTime)
    at: datetime = Field(sa_type=UtcTime)


class StockDay(StationTable, table=True):
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


class Seal(StationTable, table=True):
    """A container filled and sealed."""

    station_id: str = Field(primary_key=True)
    container_id: str = Field(primary_key=True)
    seal_number: str = Field(primary_key=True)
    stream: str
    sealed_at: datetime = Field(sa_type=UtcTime)
    person: str | None = None


class Haul(StationTable, table=True):
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


class StationAlarm(StationTable, table=True):
    __tablename__ = "station_alarm"
    __table_args__ = (Index("station_alarm_opened", "opened_at", "alarm_id"), Index("station_alarm_subject", "subject", "status"))

    alarm_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    kind: str
    subject: str
    """What it is about, in one word: of a subject at most one alarm is open."""
    status: str
    ticket_id: str | None = None
    bay_id: str | None = None
    vehicle_id: str | None = None
    stream: str | None = None
    device_id: str | None = None
    opened_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    value: float | None = Field(None, sa_type=Double)
    limit: float | None = Field(None, sa_type=Double)
    changed_at: datetime = Field(sa_type=UtcTime)


class LogEntry(StationTable, table=True):
    __tablename__ = "log_entry"
    __table_args__ = (Index("log_entry_at", "station_id", "at"),)

    entry_id: str = Field(primary_key=True)
    station_id: str
    kind: str
    value: float | None = Field(None, sa_type=Double)
    unit: str | None = None
    device_id: str | None = None
    note: str | None = Field(None, sa_type=Text)
    person: str | None = None
    at: datetime = Field(sa_type=UtcTime)
    recorded_at: datetime = Field(sa_type=UtcTime)


class Weighing(StationTable, table=True):
    """A weighing of another system. `value` and `unit` are the file's own; `net_g` is rounded to the gram."""

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


def row_of(table: Any) -> Any:
    """The SQLAlchemy table behind a class."""
    return table.__table__
