"""What a service could not handle: the whole message with its reason, until somebody replays it (`sanitation deadletters`).

A dead letter can hold whatever a broker can deliver. Text that a database does not take is kept in escaped form.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from shared.bus import Message
from shared.clock import now
from shared.db import UtcTime, insert_new
from shared.ids import derived_id
from shared.outbox import SharedTable

LONGEST_REASON = 2000


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


async def dead_letter(session: AsyncSession, consumer: str, message: Message, handler: str, reason: str, attempts: int) -> None:
    """Keep a message that cannot be handled. The same message delivered again is the same dead letter."""
    content = {
        "consumer": consumer,
        "event_id": storable(message.id),
        "type": storable(message.type),
        "subject": storable(message.subject),
        "body": storable(message.body.decode("utf-8", "backslashreplace")),
        "traceparent": storable(message.traceparent),
    }
    letter = content | {
        "id": derived_id(*content.values()),
        "handler": handler,
        "reason": storable(reason)[:LONGEST_REASON],
        "attempts": attempts,
        "died_at": now(),
        "state": "dead",
    }
    await insert_new(session, DeadLetter, [letter])


def storable(text: str) -> str:
    """`text` as every database takes it: NUL and lone surrogates are escaped, the rest is unchanged."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def message_of(letter: DeadLetter) -> Message:
    return Message(letter.event_id, letter.type, letter.subject, letter.body.encode(), letter.traceparent)


async def count_dead_letters(session: AsyncSession) -> int:
    """How many nobody has replayed or asked to."""
    return (await session.execute(select(func.count()).select_from(DeadLetter).where(DeadLetter.state == "dead"))).scalar_one()  # type: ignore[arg-type]


async def asked_to_replay(session: AsyncSession) -> Sequence[DeadLetter]:
    rows = select(DeadLetter).where(DeadLetter.state == "replay").order_by(DeadLetter.died_at, DeadLetter.id).limit(50)  # type: ignore[arg-type]
    return (await session.execute(rows)).scalars().all()
