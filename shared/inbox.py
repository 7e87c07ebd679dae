"""What a consumer has taken, and what it could not take.

The claim is written in the transaction of the effect: either both are there or neither. A dead letter keeps the whole
message with its reason, until somebody replays it (`sanitation deadletters`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from shared.bus import Message
from shared.clock import now
from shared.db import UtcTime, insert_new
from shared.ids import new_id
from shared.outbox import SharedTable

KEEP_CLAIMS = timedelta(days=7)
"""Longer than any message can wait in a queue before somebody notices."""


class InboxRow(SharedTable, table=True):
    __tablename__ = "inbox"

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    claimed_at: datetime = Field(sa_type=UtcTime, index=True)


class DeadLetter(SharedTable, table=True):
    __tablename__ = "dead_letter"

    id: str = Field(primary_key=True)
    consumer: str
    event_id: str
    type: str
    subject: str
    body: str = Field(sa_type=Text)
    traceparent: str
    handler: str
    reason: str = Field(sa_type=Text)
    attempts: int
    died_at: datetime = Field(sa_type=UtcTime)
    state: str = "dead"
    """dead → replay (asked for) → replayed, or dead again with a new reason."""


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


async def bury(session: AsyncSession, consumer: str, message: Message, handler: str, reason: str, attempts: int) -> None:
    letter = {
        "id": new_id(), "consumer": consumer, "event_id": message.id, "type": message.type, "subject": message.subject,
        "body": message.body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"), "traceparent": message.traceparent,
        "handler": handler, "reason": reason[:2000], "attempts": attempts, "died_at": now(), "state": "dead",
    }  # fmt: skip
    await insert_new(session, DeadLetter, [letter])


async def dead_letters(session: AsyncSession) -> int:
    """How many nobody has replayed or asked to."""
    return (await session.execute(select(func.count()).select_from(DeadLetter).where(DeadLetter.state == "dead"))).scalar_one()  # type: ignore[arg-type]


async def asked_to_replay(session: AsyncSession) -> list[DeadLetter]:
    rows = select(DeadLetter).where(DeadLetter.state == "replay").order_by(DeadLetter.id).limit(50)  # type: ignore[arg-type]
    return list((await session.execute(rows)).scalars())


async def forget_old_claims(session: AsyncSession) -> None:
    await session.execute(delete(InboxRow).where(InboxRow.claimed_at < now() - KEEP_CLAIMS))  # type: ignore[arg-type]
