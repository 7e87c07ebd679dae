"""The cleanliness index and what it rests on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable
from shared.db import Json, UtcTime

ANSWERS = "kind = 'satisfaction' AND gone_seq IS NULL"


class AreaRow(EvaluationTable, table=True):
    """A district (6 digits) or subdistrict (9)."""

    __tablename__ = "area"

    area_id: str = Field(primary_key=True)
    level: str
    name_zh: str
    name_en: str
    residents: int
    changed_at: datetime = Field(sa_type=UtcTime)


class Counter(EvaluationTable, table=True):
    """Counts changes in the order in which they are committed: its row is locked until then."""

    __tablename__ = "change_counter"

    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class ObservationRow(EvaluationTable, table=True):
    """What a fact says of an area, from change `seq` until `gone_seq`. Never overwritten: a published index keeps its own.

    `fact`: `inspection:<id>`, `stop:<id>`, …; `href`: where those who may read more of it.

    Not partitioned by month: what a fact says now is looked up by the fact alone, whatever month it was of, so each of sixty
    partitions would be asked for every batch. What is asked by month goes through `observation_area`, in order, page by page."""

    __tablename__ = "observation"
    __table_args__ = (
        Index("observation_area", "period", "area_id", "seq"),
        Index("observation_id", "observation_id"),
        Index("observation_survey", "href", postgresql_where=text(ANSWERS), sqlite_where=text(ANSWERS)),
        Index("observation_current", "fact", postgresql_where=text("gone_seq IS NULL"), sqlite_where=text("gone_seq IS NULL")),
    )

    fact: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    gone_seq: int | None = Field(None, sa_type=BigInteger)
    observation_id: str
    period: date
    area_id: str
    value_e4: int
    at: datetime = Field(sa_type=UtcTime)
    detail: dict[str, Any] = Field(sa_type=Json)
    """No plate, no person, no words of a citizen."""
    href: str


class KindSum(EvaluationTable, table=True):
    """Sums of the observations that hold now."""

    __tablename__ = "kind_sum"

    period: date = Field(primary_key=True)
    area_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    n: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    squares: int = Field(sa_type=BigInteger)


class PublicationRow(EvaluationTable, table=True):
    """A published index, never changed. `content`: canonical JSON, whose SHA-256 is `sha256`."""

    __tablename__ = "publication"
    __table_args__ = (Index("publication_number", "number", unique=True),)

    level: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    as_of_seq: int = Field(sa_type=BigInteger)
    sha256: str
    content: str = Field(sa_type=Text)
    reason: str | None = Field(None, sa_type=Text)
    actor: str
    published_at: datetime = Field(sa_type=UtcTime)
    appeal_until: datetime = Field(sa_type=UtcTime)


class PublishedRow(EvaluationTable, table=True):
    __tablename__ = "published_row"
    __table_args__ = (Index("published_area", "area_id", "period", "revision"),)

    level: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    area_id: str
    row: dict[str, Any] = Field(sa_type=Json)


class IndexAppealRow(EvaluationTable, table=True):
    """Somebody says that an area's published figure is wrong. `status`: open, accepted, refused."""

    __tablename__ = "index_appeal"

    appeal_id: str = Field(primary_key=True)
    level: str
    period: date
    revision: int
    area_id: str
    reason: str = Field(sa_type=Text)
    status: str
    answer: str | None = Field(None, sa_type=Text)
    actor: str
    filed_at: datetime = Field(sa_type=UtcTime)
    decided_at: datetime | None = Field(None, sa_type=UtcTime)
