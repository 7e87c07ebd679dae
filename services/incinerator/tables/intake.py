"""Weighbridge tickets of plants, the hauls they are for, and what a plant's day came to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Index, Text
from sqlmodel import Field

from services.incinerator.tables.base import IncineratorTable
from shared.db import Json, UtcTime


class IntakeTicketRow(IncineratorTable, table=True):
    """`ticket_id` is made of the plant and its client's own id, so that a retry is no second ticket. Never deleted, but void."""

    __tablename__ = "intake_ticket"
    __table_args__ = (
        Index("intake_ticket_plant_arrived", "plant_id", "arrived_at", "ticket_id"),
        Index("intake_ticket_seal", "seal_number"),
    )

    ticket_id: str = Field(primary_key=True)
    revision: int
    plant_id: str
    client_id: str
    seal_number: str | None = None
    haul_id: str | None = None
    vehicle_id: str | None = None
    plate: str
    stream: str
    status: str
    gross_kg: int
    tare_kg: int | None = None
    net_kg: int | None = None
    net_difference_kg: int | None = None
    manual: bool
    reason: str | None = Field(None, sa_type=Text)
    recorded_by: str
    arrived_at: datetime = Field(sa_type=UtcTime)
    left_at: datetime | None = Field(None, sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class IntakeRevisionRow(IncineratorTable, table=True):
    """What a ticket said before, and who changed it."""

    __tablename__ = "intake_revision"

    ticket_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    recorded_by: str
    ticket: dict[str, Any] = Field(sa_type=Json)


class HaulRow(IncineratorTable, table=True):
    """What the transfer stations told of a sealed container on its way."""

    __tablename__ = "haul"
    __table_args__ = (Index("haul_seal", "seal_number"), Index("haul_vehicle", "vehicle_id"))

    haul_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    seal_number: str
    stream: str
    net_kg: int
    destination_plant_id: str
    vehicle_id: str | None = None
    plate: str
    status: str
    left_at: datetime | None = Field(None, sa_type=UtcTime)


class PlantEntryRow(IncineratorTable, table=True):
    """What a plant's own hands record of a day: fed, slag, fly ash, leachate, power, corrections of the bunker."""

    __tablename__ = "plant_entry"
    __table_args__ = (Index("plant_entry_day", "plant_id", "day"),)

    plant_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    day: date = Field(sa_type=Date)
    kind: str
    amount: int = Field(sa_type=BigInteger)
    note: str = Field(sa_type=Text)
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcTime)


class LedgerDayRow(IncineratorTable, table=True):
    __tablename__ = "ledger_day"

    plant_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True, sa_type=Date)
    revision: int
    intake_kg: int = Field(sa_type=BigInteger)
    fed_kg: int = Field(sa_type=BigInteger)
    correction_kg: int = Field(sa_type=BigInteger)
    bunker_kg: int = Field(sa_type=BigInteger)
    slag_kg: int = Field(sa_type=BigInteger)
    fly_ash_kg: int = Field(sa_type=BigInteger)
    leachate_kg: int = Field(sa_type=BigInteger)
    power_kwh: int = Field(sa_type=BigInteger)
    changed_at: datetime = Field(sa_type=UtcTime)


class QuotaRow(IncineratorTable, table=True):
    __tablename__ = "quota"

    plant_id: str = Field(primary_key=True)
    kg_a_day: int = Field(sa_type=BigInteger)
    changed_at: datetime = Field(sa_type=UtcTime)


class DispatchPlanRow(IncineratorTable, table=True):
    """The newest plan of a day; `loads`: each load with the plant that takes it."""

    __tablename__ = "dispatch_plan"

    day: date = Field(primary_key=True, sa_type=Date)
    revision: int
    loads: list[dict[str, Any]] = Field(sa_type=Json)
    made_by: str
    made_at: datetime = Field(sa_type=UtcTime)


class TonnageRow(IncineratorTable, table=True):
    """Imported history: what was collected in a district in a month. `as_given`: the file's own figure in its own unit."""

    __tablename__ = "tonnage"

    source: str = Field(primary_key=True)
    district: str = Field(primary_key=True)
    month: date = Field(primary_key=True, sa_type=Date)
    material: str = Field(primary_key=True)
    stream: str
    grams: int = Field(sa_type=BigInteger)
    unit: str
    as_given: str
