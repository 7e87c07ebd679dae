"""Events that cannot have their effect yet, kept in the service's own database while all others go on.

An event waits either for its subject (a verdict for the run that it belongs to) or for a moment (its handler failed and
is tried again). It is parked in the transaction that claims it and leaves in the transaction of its effect, so it counts
exactly once. What never finds its subject becomes a dead letter after `LONGEST_WAIT`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from shared.bus import Message
from shared.clock import now
from shared.db import UtcTime, among, insert_new
from shared.dead_letters import LONGEST_REASON, storable
from shared.events.base import Event
from shared.outbox import OutboxRow, SharedTable

LONGEST_WAIT = timedelta(days=7)
PAUSES = tuple(timedelta(seconds=s) for s in (0.1, 0.5, 2, 5))
"""Between the attempts of an event whose handler failed."""
ASK_AGAIN = timedelta(seconds=30)
"""A subject that another replica stored at the same moment is found by looking again; the pause doubles up to an hour."""
LONGEST_PAUSE = timedelta(hours=1)


class ParkedEvent(SharedTable, table=True):
    __tablename__ = "parked_event"

    event_id: str = Field(primary_key=True)
    type: str
    subject: str
    body: str = Field(sa_type=Text)
    traceparent: str
    waits_for: str | None = Field(None, index=True)
    """The subject that has to come first; None: only its time."""
    reason: str = Field(sa_type=Text)
    attempts: int
    parked_at: datetime = Field(sa_type=UtcTime)
    retry_at: datetime = Field(sa_type=UtcTime, index=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a handler returns for an event whose subject is not there yet."""

    event: Event
    subject: str


PARKED = ParkedEvent.__table__  # type: ignore[attr-defined]


async def park(session: AsyncSession, messages: Sequence[tuple[Message, str]]) -> None:
    """Keep messages until their subjects come; each with the subject it waits for."""
    waiting = [_row(message, subject, f"waits for {subject}", 1, ASK_AGAIN) for message, subject in messages]
    await insert_new(session, ParkedEvent, waiting)


async def park_failed(session: AsyncSession, message: Message, reason: str) -> None:
    """Keep a message whose handler failed for the first time; it is tried again after the first of PAUSES."""
    await insert_new(session, ParkedEvent, [_row(message, None, reason, 1, PAUSES[0])])


def _row(message: Message, waits_for: str | None, reason: str, attempts: int, pause: timedelta) -> dict[str, object]:
    return {
        "event_id": message.id,
        "type": message.type,
        "subject": storable(message.subject),
        "body": message.body.decode(),
        "traceparent": storable(message.traceparent),
        "waits_for": waits_for,
        "reason": storable(reason)[:LONGEST_REASON],
        "attempts": attempts,
        "parked_at": now(),
        "retry_at": now() + pause,
    }


async def take_waiting_for(session: AsyncSession, subjects: Collection[str]) -> list[Message]:
    """The events that wait for these subjects, oldest first; they are parked no more."""
    taken = delete(ParkedEvent).where(among(session, PARKED.c.waits_for, subjects)).returning(*PARKED.c)
    rows = (await session.execute(taken)).all()
    return [message_of(row) for row in sorted(rows, key=lambda row: (row.parked_at, row.event_id))]


async def due_events(session: AsyncSession, limit: int) -> Sequence[str]:
    """Ids of parked events whose time has come."""
    due = select(PARKED.c.event_id).where(PARKED.c.retry_at <= now()).order_by(PARKED.c.retry_at).limit(limit)
    return (await session.execute(due)).scalars().all()


async def lock_parked(session: AsyncSession, event_id: str) -> ParkedEvent | None:
    """The parked event if it is still there and no other process works on it."""
    query = select(ParkedEvent).where(PARKED.c.event_id == event_id, PARKED.c.retry_at <= now())
    return (await session.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()


def postpone(parked: ParkedEvent, reason: str) -> bool:
    """Set the next attempt. False when there is none: the event has been tried or has waited long enough."""
    parked.attempts += 1
    parked.reason = storable(reason)[:LONGEST_REASON]
    if parked.waits_for is None:
        if parked.attempts > len(PAUSES):
            return False
        parked.retry_at = now() + PAUSES[parked.attempts - 1]
        return True
    parked.retry_at = now() + min(ASK_AGAIN * 2 ** min(parked.attempts, 20), LONGEST_PAUSE)
    return now() - parked.parked_at < LONGEST_WAIT


def message_of(parked: ParkedEvent | Row[Any]) -> Message:
    return Message(parked.event_id, parked.type, parked.subject, parked.body.encode(), parked.traceparent)


async def count_parked(session: AsyncSession) -> tuple[int, int]:
    """How many events wait for their subject, and how many to be tried again."""
    query = select(func.count(PARKED.c.waits_for), func.count()).select_from(PARKED)
    waiting, parked = (await session.execute(query)).one()
    return waiting, parked - waiting


async def count_open(session: AsyncSession) -> int:
    """How many events wait for the bus or to be tried again; those that wait for their subject are not counted."""
    unsent = select(func.count()).where(OutboxRow.sent_at.is_(None)).scalar_subquery()  # type: ignore[union-attr]
    failed = select(func.count()).where(PARKED.c.waits_for.is_(None)).scalar_subquery()
    return int((await session.execute(select(unsent + failed))).scalar_one())
