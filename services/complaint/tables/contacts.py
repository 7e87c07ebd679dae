"""Tables: encrypted contact data and who looked at it, and how many reports an address sent."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from services.complaint.tables.base import ComplaintTable
from shared.db import UtcTime


class ContactRow(ComplaintTable, table=True):
    """Whom to call, of a case or of one who follows it; only the key of this installation reads `sealed`."""

    __tablename__ = "contact"
    __table_args__ = (Index("contact_case", "case_id"),)

    contact_id: str = Field(primary_key=True)
    case_id: str
    follows: bool
    sealed: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = Field(sa_type=UtcTime)


class ContactLookRow(ComplaintTable, table=True):
    """Who looked at contact data, when and why. Kept when the data itself is gone."""

    __tablename__ = "contact_look"
    __table_args__ = (Index("look_case", "case_id", "at"),)

    look_id: str = Field(primary_key=True)
    case_id: str
    actor: str
    person: str
    reason: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)


class ReportCount(ComplaintTable, table=True):
    """How much came from one address, of which only a keyed digest is kept."""

    __tablename__ = "report_count"

    sender: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcTime)
    reports: int
