"""Events leave a service through its outbox: stored with the data, sent by a relay, marked when the bus confirms.

`publish` writes the row in the caller's transaction. One relay per service (a database lock sees to that) sends
unsent rows in the order of their ids, which is commit order for one aggregate, because its writers wait for each other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import BigInteger, Index, Integer, Text, delete, func, insert, not_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.bus import Bus, Message
from shared.clock import monotonic, now
from shared.db import Database, UtcTime, among, wake
from shared.errors import STORAGE_ERRORS
from shared.events.base import Event, wrap

log = logging.getLogger(__name__)
KEEP_SENT = timedelta(hours=1)
CHUNK = 100
BACKLOG_SECONDS = 1.0
GATHER_SECONDS = 0.02
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.2, 1.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
MOST_HELD = 1000
"""Subjects passed over at once; when there are more, something is wrong with all of them and the relay waits."""


class SharedTable(SQLModel, registry=registry()):
    """The tables that every service has: outbox, inbox, dead letters."""


class OutboxRow(SharedTable, table=True):
    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_unsent", "id", postgresql_where=text("sent_at IS NULL"), sqlite_where=text("sent_at IS NULL")),
    )

    id: int | None = Field(None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    event_id: str
    type: str
    subject: str
    body: str = Field(sa_type=Text)
    traceparent: str
    queue: str = Field("", sa_column_kwargs={"server_default": ""})
    """The one service it is meant for; empty: whoever takes its type."""
    created_at: datetime = Field(sa_type=UtcTime)
    sent_at: datetime | None = Field(None, sa_type=UtcTime)


INSERT = insert(OutboxRow.__table__)  # type: ignore[attr-defined]


async def publish(session: AsyncSession, *events: Event, queue: str = "") -> None:
    """Store events in the session's transaction; they are sent when, and only when, it commits.

    `queue` names the one service that gets them; without it every service that takes their types does.
    """
    rows = [_row(event, queue) for event in events]
    if rows:
        wake(session, "relay")
        await session.execute(INSERT, rows)


def _row(event: Event, queue: str) -> dict[str, Any]:
    envelope, body = wrap(event, event.type.partition(".")[0])
    return {
        "event_id": envelope.id,
        "type": envelope.type,
        "subject": envelope.subject,
        "body": body,
        "traceparent": envelope.traceparent,
        "queue": queue,
        "created_at": now(),
    }


async def backlog(session: AsyncSession, queue: str | None = None) -> tuple[int, datetime | None]:
    """How many events wait for the bus, and since when the oldest does; `queue`: only those meant for it alone."""
    waiting = select(func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.sent_at.is_(None))  # type: ignore[union-attr]
    if queue is not None:
        waiting = waiting.where(OutboxRow.queue == queue)  # type: ignore[arg-type]
    count, oldest_at = (await session.execute(waiting)).one()
    return count, oldest_at


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A subject whose events the bus did not take: they wait, and keep their order, while all others are sent."""

    retry_at: float
    pause: float


class Relay:
    """Sends what stands in the outbox: at once after a commit in this process; what other processes store within POLL_SECONDS,
    and within LONGEST_POLL_SECONDS when nothing has come for a while."""

    def __init__(self, database: Database, bus: Bus, metrics: CollectorRegistry) -> None:
        self._database, self._bus = database, bus
        self._sent = Counter("sanitation_outbox_sent", "Events that the bus confirmed", ["type"], registry=metrics)
        self._age = Gauge(
            "sanitation_outbox_oldest_unsent_seconds", "Age of the oldest event not yet confirmed", registry=metrics
        )
        self._waiting = Gauge("sanitation_outbox_unsent", "Events not yet confirmed", registry=metrics)
        self._unconfirmed: dict[str, Unconfirmed] = {}
        self.backlog = 0
        """Events that wait for the bus, as of a moment ago; the same in every replica."""

    async def run(self) -> None:
        while True:
            try:
                async with self._database.leadership("relay") as still_leading:
                    await self._lead(still_leading)
            except Exception as error:
                log.warning("relay pauses", extra={"error": repr(error)})
                await asyncio.sleep(1)

    async def _lead(self, still_leading: Callable[[], Awaitable[bool]]) -> None:
        pause, poll, purged_at = POLL_SECONDS, POLL_SECONDS, now()
        # If two relays send the same event for a second, the inboxes drop the double.
        while await still_leading():
            sent, left = await self.flush()
            if now() - purged_at > timedelta(minutes=1):
                await self._purge()
                purged_at = now()
            if left and not sent and (len(self._unconfirmed) >= MOST_HELD or not await self._bus.ready()):
                pause = min(pause * 2, 5.0)  # the broker is away, or nothing at all is taken
                await asyncio.sleep(pause)
            else:
                pause = POLL_SECONDS
            if not left:
                poll = POLL_SECONDS if sent else min(poll * 1.5, LONGEST_POLL_SECONDS)
                await self._wait(poll)

    async def _wait(self, seconds: float) -> None:
        began = monotonic()
        if await self._database.woken("relay", seconds) and monotonic() - began < GATHER_SECONDS:
            await asyncio.sleep(GATHER_SECONDS)  # in a steady stream: what commits meanwhile goes along

    async def flush(self) -> tuple[int, bool]:
        """Send one chunk: how many were confirmed, and whether more may be waiting that could be sent now."""
        rows = await self._unsent()
        if not rows:
            return 0, False
        messages = [Message(row.event_id, row.type, row.subject, row.body.encode(), row.traceparent, row.queue) for row in rows]
        confirmed = await self._bus.publish(messages)
        done = [row.id for row in rows if row.event_id in confirmed]
        async with self._database.transaction() as session:
            await session.execute(update(OutboxRow).where(OutboxRow.id.in_(done)).values(sent_at=now()))  # type: ignore[union-attr]
        for row in rows:
            if row.event_id in confirmed:
                self._sent.labels(row.type).inc()
        await self._hold({row.subject for row in rows if row.event_id not in confirmed})
        return len(done), len(rows) == CHUNK or len(done) < len(rows)

    async def _hold(self, subjects: Collection[str]) -> None:
        """Let subjects wait whose events the bus, which works, did not take: nobody is bound to them yet, or cannot take them."""
        if not subjects or not await self._bus.ready():
            return
        for subject in subjects:
            unconfirmed = self._unconfirmed.get(subject)
            if unconfirmed is None and len(self._unconfirmed) >= MOST_HELD:
                continue
            pause = min(unconfirmed.pause * 2, LONGEST_PAUSE_SECONDS) if unconfirmed else FIRST_PAUSE_SECONDS
            self._unconfirmed[subject] = Unconfirmed(monotonic() + pause, pause)

    def _held(self) -> list[str]:
        """The subjects that wait now. One whose pause is over is tried again; those of long ago are forgotten."""
        at = monotonic()
        self._unconfirmed = {s: u for s, u in self._unconfirmed.items() if at < u.retry_at + LONGEST_PAUSE_SECONDS}
        return [subject for subject, unconfirmed in self._unconfirmed.items() if at < unconfirmed.retry_at]

    async def drain(self) -> None:
        """Send what the bus still takes; the rest waits in the outbox."""
        while (await self.flush())[0]:
            pass

    async def _unsent(self) -> list[OutboxRow]:
        waiting = self._held()
        async with self._database.read() as session:
            unsent = select(OutboxRow).where(OutboxRow.sent_at.is_(None))  # type: ignore[union-attr]
            if waiting:
                unsent = unsent.where(not_(among(session, OutboxRow.subject, waiting)))  # type: ignore[arg-type]
            return list((await session.execute(unsent.order_by(OutboxRow.id).limit(CHUNK))).scalars())  # type: ignore[arg-type]

    async def watch_backlog(self) -> None:
        """Know how much waits, also while another replica sends or the bus is away."""
        while True:
            with suppress(*STORAGE_ERRORS):
                self.backlog, oldest_at = await self._backlog()
                self._waiting.set(self.backlog)
                self._age.set((now() - oldest_at).total_seconds() if oldest_at else 0)
            await asyncio.sleep(BACKLOG_SECONDS)

    async def unsent(self) -> int:
        """How many events wait for the bus."""
        return (await self._backlog())[0]

    async def _backlog(self) -> tuple[int, datetime | None]:
        async with self._database.read() as session:
            return await backlog(session)

    async def _purge(self) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(OutboxRow).where(OutboxRow.sent_at < now() - KEEP_SENT))  # type: ignore[arg-type, operator]
