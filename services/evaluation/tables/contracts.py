"""Contractors' contracts, deductions and statements. Points are whole hundredths, money is fen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable
from shared.db import Json, UtcTime


class ContractRow(EvaluationTable, table=True):
    __tablename__ = "contract"
    __table_args__ = (Index("contract_contractor", "contractor_id"),)

    contract_id: str = Field(primary_key=True)
    contractor_id: str
    name_zh: str
    name_en: str
    area_ids: list[str] = Field(sa_type=Json)
    """Districts or subdistricts; none: the whole city."""
    fee_month_fen: int = Field(sa_type=BigInteger)
    valid_from: date
    valid_to: date
    changed_at: datetime = Field(sa_type=UtcTime)


class TruckRow(EvaluationTable, table=True):
    """Who answers for a truck, as the registry told at a time."""

    __tablename__ = "contract_truck"

    vehicle_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    registered_at: datetime = Field(sa_type=UtcTime)
    contractor_id: str | None = None
    district_id: str | None = None


class ContractFactRow(EvaluationTable, table=True):
    """The newest of what others told that may be deducted for; kept when nobody can yet say whose it is."""

    __tablename__ = "contract_fact"
    __table_args__ = (Index("contract_fact_truck", "vehicle_id"), Index("contract_fact_whose", "contractor_id", "day"))

    fact: str = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)
    kind: str
    applies: bool
    at: datetime = Field(sa_type=UtcTime)
    day: date
    vehicle_id: str | None = None
    contractor_id: str | None = None
    area_id: str | None = None
    evidence: list[dict[str, Any]] = Field(sa_type=Json)


class DeductionRow(EvaluationTable, table=True):
    """`points_e2`, `fen`: by the rule, before caps. `decided`: what an appeal decided; it outlasts what the fact says later,
    but a fact that is gone takes its deduction with it."""

    __tablename__ = "deduction"
    __table_args__ = (Index("deduction_month", "contract_id", "month"), Index("deduction_fact", "fact"))

    deduction_id: str = Field(primary_key=True)
    revision: int
    contract_id: str
    contractor_id: str
    month: date
    fact: str
    rule: str
    rules_from: date
    points_e2: int
    fen: int = Field(sa_type=BigInteger)
    status: str
    at: datetime = Field(sa_type=UtcTime)
    evidence: list[dict[str, Any]] = Field(sa_type=Json)
    appeal: dict[str, Any] | None = Field(None, sa_type=Json)
    arose_at: datetime = Field(sa_type=UtcTime)
    appeal_until: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)


class DeductionEventRow(EvaluationTable, table=True):
    __tablename__ = "deduction_event"

    deduction_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    status: str
    reason: str = Field(sa_type=Text)
    actor: str
    at: datetime = Field(sa_type=UtcTime)


class StatementRow(EvaluationTable, table=True):
    """A month as it was settled, never changed; what comes later makes the next revision. `content`: canonical JSON."""

    __tablename__ = "statement"

    contract_id: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    sha256: str
    content: str = Field(sa_type=Text)
    reason: str | None = Field(None, sa_type=Text)
    actor: str
    settled_at: datetime = Field(sa_type=UtcTime)
