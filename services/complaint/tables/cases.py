"""Tables: complaints. They hold no contact data: that is in a table of its own, encrypted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Index, LargeBinary, Text, text
from sqlmodel import Field

from services.complaint.tables.base import ComplaintTable
from shared.db import Json, UtcTime


def _open_only(name: str, *columns: str) -> Index:
    """Over cases that are not closed: a few thousand of a million."""
    return Index(name, *columns, postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL"))


class CaseRow(ComplaintTable, table=True):
    """A complaint. `closed_at`: when it ended, closed, rejected or void; `yellow_at`, `due_at`: of the running resolve clock."""

    __tablename__ = "complaint_case"
    __table_args__ = (
        Index("case_requested", "requested_at", "case_id"),
        Index("case_updated", "changed_at", "case_id"),
        Index("case_cell", "cell", "requested_at"),
        Index("case_main", "main_id"),
        Index("case_source", "source", "source_id", unique=True),
        _open_only("case_open_requested", "requested_at", "case_id"),
        _open_only("case_open_due", "due_at"),
        _open_only("case_open_cell", "cell"),
        _open_only("case_open_district", "district_id", "requested_at"),
        Index(
            "case_wants_evidence",
            "evidence_wanted_at",
            postgresql_where=text("evidence_wanted_at IS NOT NULL"),
            sqlite_where=text("evidence_wanted_at IS NOT NULL"),
        ),
    )

    case_id: str = Field(primary_key=True)
    revision: int
    channel: str
    source: str | None = None
    """Where it was brought in from, and what it was called there; its own words for the category."""
    source_id: str | None = None
    their_category: str | None = None
    category: str
    matter_code: str | None = None
    urgency: str
    description: str = Field(sa_type=Text)
    grams: str = Field(sa_type=Text)
    attributes: dict[str, Any] = Field(sa_type=Json)
    address: str | None = Field(None, sa_type=Text)
    address_id: str | None = None
    lon: float | None = Field(None, sa_type=Double)
    lat: float | None = Field(None, sa_type=Double)
    cell: int | None = Field(None, sa_type=BigInteger)
    district_id: str | None = None
    is_public: bool
    has_contact: bool
    media_url: str | None = Field(None, sa_type=Text)
    status: str
    before_join: str | None = None
    main_id: str | None = None
    handler_district_id: str | None = None
    contractor_id: str | None = None
    requested_at: datetime = Field(sa_type=UtcTime)
    received_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    yellow_at: datetime | None = Field(None, sa_type=UtcTime)
    due_at: datetime | None = Field(None, sa_type=UtcTime)
    level: int
    round: int
    pressed: int
    returned: int
    contacted_in_time: bool | None = None
    resolved_in_time: bool | None = None
    solved: bool | None = None
    satisfaction: str | None = None
    reply: str | None = Field(None, sa_type=Text)
    extension: dict[str, Any] | None = Field(None, sa_type=Json)
    """What is asked for and not yet answered."""
    evidence: dict[str, Any] | None = Field(None, sa_type=Json)
    evidence_at: datetime | None = Field(None, sa_type=UtcTime)
    evidence_wanted_at: datetime | None = Field(None, sa_type=UtcTime)
    proposed_zh: str | None = Field(None, sa_type=Text)
    proposed_en: str | None = Field(None, sa_type=Text)
    order: dict[str, Any] | None = Field(None, sa_type=Json)
    followers: int
    is_main: bool
    """Others were joined to it."""
    events: int
    """How long its history is."""


class CaseEventRow(ComplaintTable, table=True):
    """Everything that was done with a case, and who was responsible from then on. `actor`: the token's id, or `rules`."""

    __tablename__ = "case_event"

    case_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    step: str
    status: str
    at: datetime = Field(sa_type=UtcTime)
    actor: str
    person: str | None = None
    note: str | None = Field(None, sa_type=Text)
    responsible: str
    clocks: list[dict[str, Any]] = Field(sa_type=Json)
    """Starts, stops and pauses of clocks by this step."""
    changed: dict[str, Any] = Field(sa_type=Json)


class CaseClockRow(ComplaintTable, table=True):
    """`pauses`: [begin, seconds] of approved extensions. `working`: its seconds are working seconds."""

    __tablename__ = "case_clock"
    __table_args__ = (
        Index("clock_running", "due_at", postgresql_where=text("stopped_at IS NULL"), sqlite_where=text("stopped_at IS NULL")),
    )

    case_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    round: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcTime)
    limit_seconds: int
    working: bool
    rules_from: date
    pauses: list[Any] = Field(sa_type=Json)
    yellow_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    stopped_at: datetime | None = Field(None, sa_type=UtcTime)
    level: int


class CasePhoto(ComplaintTable, table=True):
    __tablename__ = "case_photo"

    case_id: str = Field(primary_key=True)
    photo_id: str = Field(primary_key=True)
    jpeg: bytes = Field(sa_type=LargeBinary)
    width_px: int
    height_px: int
    received_at: datetime = Field(sa_type=UtcTime)


class CaseStopRow(ComplaintTable, table=True):
    """A stop that a case's evidence rests on; `missed`: it is what the case is about."""

    __tablename__ = "case_stop"
    __table_args__ = (Index("case_of_stop", "stop_id"),)

    case_id: str = Field(primary_key=True)
    stop_id: str = Field(primary_key=True)
    verdict: str
    missed: bool
