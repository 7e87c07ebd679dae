"""Third parties and how much they asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.evaluators import Evaluator
from services.evaluation.tables.evaluators import EvaluatorRow, ReadCount
from shared.db import merge_rows, upsert
from shared.rows import columns_of, one, table_of, to_row

EVALUATOR, COUNT = table_of(EvaluatorRow), table_of(ReadCount)


async def save(session: AsyncSession, evaluator: Evaluator) -> None:
    await upsert(session, EvaluatorRow, [to_row(evaluator)])


async def by_token(session: AsyncSession, token_id: str) -> Evaluator | None:
    return await one(session, Evaluator, select(*columns_of(Evaluator, EVALUATOR)).where(EVALUATOR.c.token_id == token_id))


async def count(session: AsyncSession, reader: str, minute: datetime) -> int:
    """One more; how many there are in this minute."""
    await merge_rows(session, ReadCount, ("reader", "minute", "requests"), [(reader, minute, 1)], _added)
    query = select(COUNT.c.requests).where(COUNT.c.reader == reader, COUNT.c.minute == minute)
    return int((await session.execute(query)).scalar_one())


def _added(stored: Any, new: Any) -> dict[str, ColumnElement[int]]:
    return {"requests": stored.requests + new.requests}


async def forget(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(COUNT).where(COUNT.c.minute < before))
