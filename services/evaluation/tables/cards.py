"""What others told that stands on places' record cards."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Double, Index
from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable
from shared.db import UtcTime


class CardStopRow(EvaluationTable, table=True):
    """A collection at a service point. `shared`: its kilograms were lifted together with another stop's."""

    __tablename__ = "card_stop"
    __table_args__ = (Index("card_stop_point", "service_point_id", "service_day"),)

    stop_id: str = Field(primary_key=True)
    service_point_id: str
    service_day: date
    stream: str
    verdict: str
    net_kg: int
    shared: bool


class CardComplaintRow(EvaluationTable, table=True):
    """A complaint about a place that somebody named. Its text is not here."""

    __tablename__ = "card_complaint"
    __table_args__ = (Index("card_complaint_place", "lat", "lon"),)

    complaint_id: str = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)
    category: str
    status: str
    open: bool
    overdue: bool
    requested_at: datetime = Field(sa_type=UtcTime)
    lon: float = Field(sa_type=Double)
    lat: float = Field(sa_type=Double)
