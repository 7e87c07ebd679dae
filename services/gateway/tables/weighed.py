"""Every kilogram on its way from bin to furnace, as different hands weighed it, and where it went missing."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Index, Text, or_
from sqlmodel import Field

from services.gateway.tables.base import GatewayTable
from shared.db import Json, UtcTime
from shared.rows import table_of


class CityFlow(GatewayTable, table=True):
    """Kilograms by stage, rolled up by day, week and month; every fact adds its own, and late data moves it by the difference.

    `period`: its first day. District, contractor and site are empty where there is none.
    """

    __tablename__ = "city_flow"
    __table_args__ = (Index("city_flow_stage", "stage", "grain", "period"),)

    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    district_id: str = Field(primary_key=True)
    contractor_id: str = Field(primary_key=True)
    site_id: str = Field(primary_key=True)
    net_kg: int = Field(sa_type=BigInteger)
    facts: int = Field(sa_type=BigInteger)


def unlabelled_lift(column: Any) -> tuple[Any, Any]:
    """What of a lift was not known when it came; `column`: the table's columns."""
    return column.stream == "unsorted", column.district_id == ""


class CityLift(GatewayTable, table=True):
    """A bin lifted; stream, district and contractor as far as they were known when the truck's load was last worked out."""

    __tablename__ = "city_lift"

    vehicle_id: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    lift_id: str = Field(primary_key=True)
    net_kg: int
    stream: str
    district_id: str
    contractor_id: str


_LIFT = table_of(CityLift)
_VAGUE = or_(*unlabelled_lift(_LIFT.c))
Index("city_lift_unlabelled", _LIFT.c.vehicle_id, _LIFT.c.at, sqlite_where=_VAGUE, postgresql_where=_VAGUE)


class CityTip(GatewayTable, table=True):
    """A weighbridge ticket of a station or plant; one with a haul is the haul's arrival, the others are trucks that tip."""

    __tablename__ = "city_tip"
    __table_args__ = (
        Index("city_tip_vehicle", "vehicle_id", "at"),
        Index("city_tip_haul", "haul_id"),
        Index("city_tip_site", "site_id", "at"),
    )

    ticket_id: str = Field(primary_key=True)
    revision: int
    site_id: str
    haul_id: str | None = None
    vehicle_id: str | None = None
    plate: str
    contractor_id: str | None = None
    district_id: str | None = None
    stream: str
    status: str
    net_kg: int | None = None
    tare_source: str | None = None
    at: datetime = Field(sa_type=UtcTime)
    """When it was weighed in."""


class CityTrip(GatewayTable, table=True):
    """What a truck lifted between two tickets, against the second of them."""

    __tablename__ = "city_trip"
    __table_args__ = (Index("city_trip_vehicle", "vehicle_id", "tipped_at"), Index("city_trip_day", "day"))

    ticket_id: str = Field(primary_key=True)
    vehicle_id: str | None = None
    site_id: str
    contractor_id: str | None = None
    district_id: str | None = None
    day: date
    from_at: datetime | None = Field(None, sa_type=UtcTime)
    """The ticket before; None: the first that we know of."""
    tipped_at: datetime = Field(sa_type=UtcTime)
    stream: str
    net_kg: int
    lifted_kg: int
    lifts: int
    lifted: list[Any] = Field(sa_type=Json)
    """[stream, district, contractor, kg, lifts], sorted."""
    residue_name: str


class CityHaul(GatewayTable, table=True):
    """A haul as its station told it."""

    __tablename__ = "city_haul"
    __table_args__ = (Index("city_haul_left", "status", "left_at"),)

    haul_id: str = Field(primary_key=True)
    revision: int
    station_id: str
    plant_id: str
    seal_number: str
    plate: str
    stream: str
    net_kg: int
    origins: dict[str, int] = Field(sa_type=Json)
    status: str
    left_at: datetime = Field(sa_type=UtcTime)


class CityPosted(GatewayTable, table=True):
    """What a fact has added to the flows, so that its next revision can take it back: [period, stage, stream, …, kg, facts]."""

    __tablename__ = "city_posted"

    fact: str = Field(primary_key=True)
    rows: list[Any] = Field(sa_type=Json)


class CityScale(GatewayTable, table=True):
    """How a truck's onboard scale reads against the weighbridges, from its newest trips."""

    __tablename__ = "city_scale"

    vehicle_id: str = Field(primary_key=True)
    factor: float = Field(sa_type=Double)
    """Lifted by weighbridge net: 1.04 reads 4 % too much."""
    spread: float = Field(sa_type=Double)
    trips: int
    drifts: bool
    first_at: datetime = Field(sa_type=UtcTime)
    last_at: datetime = Field(sa_type=UtcTime)


class CityFinding(GatewayTable, table=True):
    """A discrepancy of the balance. Withdrawn when later data shows that there is none."""

    __tablename__ = "city_finding"
    __table_args__ = (Index("city_finding_day", "day", "finding_id"), Index("city_finding_status", "status", "day"))

    finding_id: str = Field(primary_key=True)
    revision: int
    kind: str
    status: str
    day: date
    subject_id: str
    vehicle_id: str | None = None
    site_id: str | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    stream: str | None = None
    expected_kg: int
    found_kg: int
    difference_kg: int
    tolerance_kg: int
    factor: float | None = Field(None, sa_type=Double)
    likely_cause: str | None = None
    cause: str | None = None
    note: str | None = Field(None, sa_type=Text)
    opened_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class CityFindingChange(GatewayTable, table=True):
    """A finding as it stood after each change. `actor`: the token's id; empty: the data changed it."""

    __tablename__ = "city_finding_change"

    finding_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    actor: str
    changed_at: datetime = Field(sa_type=UtcTime)
    finding: dict[str, Any] = Field(sa_type=Json)


class CityQuota(GatewayTable, table=True):
    """How much of a stream a district may send to weighbridges in a month. `source`: the order that says so."""

    __tablename__ = "city_quota"

    month: date = Field(primary_key=True)
    district_id: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    quota_kg: int = Field(sa_type=BigInteger)
    source: str
    changed_at: datetime = Field(sa_type=UtcTime)


class BalanceDue(GatewayTable, table=True):
    """What has to be worked out again: a truck's trips (`truck`, from `since` on), a haul, a station's day."""

    __tablename__ = "balance_due"

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTime)


class CitySiteFact(GatewayTable, table=True):
    """The newest that a station or plant told of a ticket, haul, alarm, stock, exceedance or day, as the event said it."""

    __tablename__ = "city_site_fact"
    __table_args__ = (Index("city_site_fact_site", "site_id", "type"),)

    type: str = Field(primary_key=True)
    fact_id: str = Field(primary_key=True)
    revision: int
    site_id: str
    at: datetime = Field(sa_type=UtcTime)
    fact: dict[str, Any] = Field(sa_type=Json)
