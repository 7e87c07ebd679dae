"""Tables: days that are this city's own."""

from datetime import date, datetime

from sqlmodel import Field

from services.complaint.tables.base import ComplaintTable
from shared.db import UtcTime


class OwnDayRow(ComplaintTable, table=True):
    """What this city says of a day, over the shipped calendar."""

    __tablename__ = "own_day"

    day: date = Field(primary_key=True)
    kind: str
    name_zh: str
    name_en: str
    said_at: datetime = Field(sa_type=UtcTime)
