"""Third parties and how much they asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.store.index import listed
from services.evaluation.tables.evaluators import Evaluator, ReadCount
from shared.db import merge_rows, upsert
from shared.rows import table_of

EVALUATOR, COUNT = table_of(Evaluator), table_of(ReadCount)
Row = dict[str, Any]


async def put(session: AsyncSession, row: Row) -> None:
    await upsert(session, Evaluator, [row])


async def by_token(session: AsyncSession, token_id: str) -> Row | None:
    return next(iter(listed(await session.execute(select(*EVALUATOR.c).where(EVALUATOR.c.token_id == token_id)))), None)


async def count(session: AsyncSession, reader: str, minute: datetime) -> int:
    """One more; how many there are in this minute."""
    await merge_rows(session, ReadCount, ("reader", "minute", "requests"), [(reader, minute, 1)], _added)
    query = select(COUNT.c.requests).where(COUNT.c.reader == reader, COUNT.c.minute == minute)
    return int((await session.execute(query)).scalar_one())


def _added(held: Any, new: Any) -> dict[str, Any]:
    return {"requests": held.requests + new.requests}


async def forget(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(COUNT).where(COUNT.c.minute < before))
