"""Which events a consumer has handled. The claim is written in the transaction of the effect: both are there or neither."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from shared.clock import now
from shared.db import UtcTime
from shared.outbox import SharedTable

KEEP_CLAIMS = timedelta(days=7)
"""Longer than any message can wait in a queue before somebody notices."""


class InboxRow(SharedTable, table=True):
    __tablename__ = "inbox"

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    claimed_at: datetime = Field(sa_type=UtcTime, index=True)


async def claim(session: AsyncSession, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """The ids not claimed before; they are claimed now, if the transaction commits."""
    table = InboxRow.__table__  # type: ignore[attr-defined]
    known = select(table.c.event_id).where(table.c.consumer == consumer, table.c.event_id.in_(event_ids))
    fresh = set(event_ids) - set((await session.execute(known)).scalars())
    at = now()
    # Two replicas that hold the same message: the second waits here for the first, then sees the key and fails.
    if fresh:
        await session.execute(table.insert(), [{"consumer": consumer, "event_id": i, "claimed_at": at} for i in sorted(fresh)])
    return fresh


async def release_claim(session: AsyncSession, consumer: str, event_id: str) -> None:
    """For an event that had no effect after all: it may be replayed."""
    await session.execute(delete(InboxRow).filter_by(consumer=consumer, event_id=event_id))


async def forget_old_claims(session: AsyncSession) -> None:
    await session.execute(delete(InboxRow).where(InboxRow.claimed_at < now() - KEEP_CLAIMS))  # type: ignore[arg-type]
