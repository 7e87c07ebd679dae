"""Places, plans, inspections and what they found."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Double, Index, LargeBinary, Text, text
from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable
from shared.db import Json, UtcTime


class PlaceRow(EvaluationTable, table=True):
    """What can be inspected. `contractor_id`: who answers for it."""

    __tablename__ = "place"
    __table_args__ = (Index("place_area", "area_id", "place_type"),)

    place_id: str = Field(primary_key=True)
    area_id: str
    place_type: str
    name: str
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
    contractor_id: str | None = None
    active: bool
    facilities: dict[str, int] = Field(sa_type=Json)
    service_point_ids: list[str] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcTime)


class PlanRow(EvaluationTable, table=True):
    """Drawn once; the same seed over the same places draws the same."""

    __tablename__ = "plan"

    plan_id: str = Field(primary_key=True)
    period: date
    seed: str
    per_type: dict[str, int] = Field(sa_type=Json)
    inspectors: list[str] = Field(sa_type=Json)
    drawn_at: datetime = Field(sa_type=UtcTime)


class PlanItemRow(EvaluationTable, table=True):
    __tablename__ = "plan_item"

    plan_id: str = Field(primary_key=True)
    place_id: str = Field(primary_key=True)
    area_id: str
    place_type: str
    inspector: str


class InspectionRow(EvaluationTable, table=True):
    """`source`: whose `client_id` it is; `evaluator_id`: a third party's, with the digest of the signed batch it came in."""

    __tablename__ = "inspection"
    __table_args__ = (Index("inspection_at", "at", "inspection_id"), Index("inspection_place", "place_id", "at"))

    inspection_id: str = Field(primary_key=True)
    source: str
    client_id: str
    evaluator_id: str | None = None
    batch_sha256: str | None = None
    plan_id: str | None = None
    place_id: str
    area_id: str
    checklist: str
    rules_from: date
    answers: dict[str, str] = Field(sa_type=Json)
    notes: dict[str, str] = Field(sa_type=Json)
    score_e4: int
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    person: str
    at: datetime = Field(sa_type=UtcTime)
    received_at: datetime = Field(sa_type=UtcTime)
    voided_at: datetime | None = Field(None, sa_type=UtcTime)
    void_reason: str | None = Field(None, sa_type=Text)


class FindingRow(EvaluationTable, table=True):
    __tablename__ = "finding"
    __table_args__ = (
        Index("finding_found", "found_at", "finding_id"),
        Index("finding_inspection", "inspection_id"),
        Index("finding_place", "place_id"),
        Index("finding_due", "due_at", postgresql_where=text("NOT judged"), sqlite_where=text("NOT judged")),
    )

    finding_id: str = Field(primary_key=True)
    revision: int
    inspection_id: str
    place_id: str
    area_id: str
    contractor_id: str | None = None
    item: str
    matter_code: str
    severity: str
    note: str | None = Field(None, sa_type=Text)
    status: str
    found_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    mended_at: datetime | None = Field(None, sa_type=UtcTime)
    """When it was mended on the street: a late word of it counts at its own time."""
    checked_at: datetime | None = Field(None, sa_type=UtcTime)
    overdue: bool
    judged: bool
    """Mended or overdue was posted to the index."""
    history: list[dict[str, Any]] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcTime)


class FindingPhoto(EvaluationTable, table=True):
    __tablename__ = "finding_photo"

    finding_id: str = Field(primary_key=True)
    photo_id: str = Field(primary_key=True)
    jpeg: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=UtcTime)
