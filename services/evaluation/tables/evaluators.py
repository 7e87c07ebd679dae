"""Third parties, their keys, and how much they asked."""

from datetime import datetime

from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable
from shared.db import UtcTime


class EvaluatorRow(EvaluationTable, table=True):
    """`token_id`: of the credential it reads with; `public_key`: Ed25519, base64, of the batches it signs."""

    __tablename__ = "evaluator"

    evaluator_id: str = Field(primary_key=True)
    name: str
    token_id: str = Field(unique=True)
    public_key: str | None = None
    per_minute: int
    changed_at: datetime = Field(sa_type=UtcTime)


class ReadCount(EvaluationTable, table=True):
    __tablename__ = "read_count"

    reader: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcTime)
    requests: int
