"""Furnace lines, what their loggers sent, and what was made of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Double, Index, LargeBinary, Text, text
from sqlmodel import Field

from services.incinerator.tables.base import IncineratorTable
from shared.db import Json, UtcTime


class FurnaceLineRow(IncineratorTable, table=True):
    __tablename__ = "furnace_line"

    line_id: str = Field(primary_key=True)
    plant_id: str = Field(index=True)
    name: str


class LoggerRow(IncineratorTable, table=True):
    """`factors`: what a code of this device stands for, beside the standard's; `minute_s`, `realtime_s`: how often it sends."""

    __tablename__ = "logger"

    mn: str = Field(primary_key=True)
    plant_id: str
    line_id: str = Field(index=True)
    crc: str
    password_salt: str
    password_hash: str
    factors: dict[str, str] = Field(sa_type=Json)
    minute_s: int
    realtime_s: int
    registered_at: datetime = Field(sa_type=UtcTime)


class LoggerStateRow(IncineratorTable, table=True):
    """The newest frame of a logger, by the time it came."""

    __tablename__ = "logger_state"

    mn: str = Field(primary_key=True)
    last_frame_at: datetime = Field(sa_type=UtcTime)
    last_crc: str
    """Which variant matched; `none`: none did, and the device's are ignored."""
    last_encoding: str
    frames: int = Field(sa_type=BigInteger)


class RawFrameRow(IncineratorTable, table=True):
    """A data segment as it came, once however often it was sent."""

    __tablename__ = "raw_frame"
    __table_args__ = (Index("raw_frame_mn_received", "mn", "received_at"),)

    frame_id: str = Field(primary_key=True)
    mn: str
    received_at: datetime = Field(sa_type=UtcTime)
    qn: str
    cn: str
    data_at: datetime | None = Field(None, sa_type=UtcTime)
    """None: it says no time, or none that can be read; of a packet: nor does another packet of its message."""
    pnum: int
    pno: int
    crc: str
    encoding: str
    ahead: bool
    """Its DataTime lies too far in the future to be believed: kept, and not made a reading of."""
    data: bytes = Field(sa_type=LargeBinary)


class ReadingRow(IncineratorTable, table=True):
    """What was sent of one thing and one time. `values`: by suffix the QN that said it and the text; what came last stays.

    Packets of one message meet here, in whatever order they come.
    """

    __tablename__ = "reading"
    __table_args__ = (Index("reading_line_at", "line_id", "at"),)

    line_id: str = Field(primary_key=True)
    measured: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    values: dict[str, Any] = Field(sa_type=Json)


class LineMeanRow(IncineratorTable, table=True):
    """`over`: null where there is nothing to judge. A furnace's daily "mean" counts its 5-minute means below the limit."""

    __tablename__ = "line_mean"
    __table_args__ = (Index("line_mean_line_start", "line_id", "period", "start"),)

    line_id: str = Field(primary_key=True)
    measured: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    start: datetime = Field(primary_key=True, sa_type=UtcTime)
    value: float | None = Field(None, sa_type=Double)
    state: str
    source: str
    covered: int
    over: bool | None = None


class OperatingMarkRow(IncineratorTable, table=True):
    """`seq` is the order in which a line's marks were recorded: a later one paints over an earlier one."""

    __tablename__ = "operating_mark"

    line_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    start: datetime = Field(sa_type=UtcTime)
    end: datetime | None = Field(None, sa_type=UtcTime)
    condition: str
    note: str = Field(sa_type=Text)
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcTime)


class LineDayDueRow(IncineratorTable, table=True):
    """Line-days that are to be judged anew. Who writes here holds the row until it commits, and the judge waits for that."""

    __tablename__ = "line_day_due"

    line_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True, sa_type=Date)
    touched_at: datetime = Field(sa_type=UtcTime)


class ExceedanceRow(IncineratorTable, table=True):
    """One for each line, kind, pollutant and period; never deleted, but withdrawn."""

    __tablename__ = "exceedance"
    __table_args__ = (
        Index("exceedance_line_period", "line_id", "period_start"),
        Index("exceedance_period", "period_start", "exceedance_id"),
        Index("exceedance_open", "line_id", postgresql_where=text("status = 'open'"), sqlite_where=text("status = 'open'")),
    )

    exceedance_id: str = Field(primary_key=True)
    revision: int
    plant_id: str
    line_id: str
    kind: str
    pollutant: str | None = None
    status: str
    period_start: datetime = Field(sa_type=UtcTime)
    period_end: datetime = Field(sa_type=UtcTime)
    value: float = Field(sa_type=Double)
    limit: float = Field(sa_type=Double)
    unit: str
    source: str
    closed_at: datetime | None = Field(None, sa_type=UtcTime)
    """The start of the first period since that was within the limit."""
    changed_at: datetime = Field(sa_type=UtcTime)


class ExceedanceRevisionRow(IncineratorTable, table=True):
    __tablename__ = "exceedance_revision"

    exceedance_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    status: str
    value: float = Field(sa_type=Double)
    limit: float = Field(sa_type=Double)
    changed_at: datetime = Field(sa_type=UtcTime)
