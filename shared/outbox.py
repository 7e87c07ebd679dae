"""Events leave a service through its outbox: stored with the data, sent by a relay, marked when the bus confirms.

`publish` writes the row in the caller's transaction. One relay per service (a database lock sees to that) sends
unsent rows in the order of their ids, which is commit order for one aggregate, because its writers wait for each other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import BigInteger, Index, Integer, Text, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.bus import Bus, Message
from shared.clock import monotonic, now
from shared.db import Database, UtcTime
from shared.errors import STORAGE_ERRORS
from shared.events.base import Event, wrap

log = logging.getLogger(__name__)
KEEP_SENT = timedelta(hours=1)
CHUNK = 100
BACKLOG_SECONDS = 1.0
LEADERSHIP_SECONDS = 1.0
GATHER_SECONDS = 0.02


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
    created_at: datetime = Field(sa_type=UtcTime)
    sent_at: datetime | None = Field(None, sa_type=UtcTime)


INSERT = insert(OutboxRow.__table__)  # type: ignore[attr-defined]


async def publish(session: AsyncSession, *events: Event) -> None:
    """Store events in the session's transaction; they are sent when, and only when, it commits."""
    rows = []
    for event in events:
        envelope, body = wrap(event, event.type.partition(".")[0])
        rows.append(
            {"event_id": envelope.id, "type": envelope.type, "subject": envelope.subject, "body": body,
             "traceparent": envelope.traceparent, "created_at": now()}
        )  # fmt: skip
    if rows:
        session.info["published"] = True
        await session.execute(INSERT, rows)


class Relay:
    """Sends what stands in the outbox, at once after a commit in this process, else every `poll_seconds`."""

    def __init__(self, database: Database, bus: Bus, metrics: CollectorRegistry, poll_seconds: float = 0.2) -> None:
        self._database, self._bus, self._poll_seconds = database, bus, poll_seconds
        self._wake = asyncio.Event()
        self._sent = Counter("sanitation_outbox_sent", "Events that the bus confirmed", ["type"], registry=metrics)
        self._age = Gauge(
            "sanitation_outbox_oldest_unsent_seconds", "Age of the oldest event not yet confirmed", registry=metrics
        )
        self._waiting = Gauge("sanitation_outbox_unsent", "Events not yet confirmed", registry=metrics)
        self.backlog = 0
        """Events that wait for the bus, as of a moment ago; the same in every replica."""
        database.on_commit.append(self._wake.set)

    async def run(self) -> None:
        while True:
            try:
                async with self._database.leadership("relay") as still_leading:
                    await self._lead(still_leading)
            except Exception as error:
                log.warning("relay pauses", extra={"error": repr(error)})
                await asyncio.sleep(1)

    async def _lead(self, still_leading: Callable[[], Awaitable[bool]]) -> None:
        pause, purged_at, checked = self._poll_seconds, now(), monotonic()
        while True:
            # Now and then: if two relays send the same event for a second, the inboxes drop the double.
            if monotonic() - checked > LEADERSHIP_SECONDS:
                if not await still_leading():
                    return
                checked = monotonic()
            self._wake.clear()
            sent, left = await self.flush()
            if now() - purged_at > timedelta(minutes=1):
                await self._purge()
                purged_at = now()
            if left and not sent:
                pause = min(pause * 2, 5.0)  # nothing was confirmed: the broker is away or nobody is bound yet
                await asyncio.sleep(pause)
            else:
                pause = self._poll_seconds
            if not left:
                await self._wait()

    async def _wait(self) -> None:
        try:
            began = monotonic()
            await asyncio.wait_for(self._wake.wait(), self._poll_seconds)
            if monotonic() - began < GATHER_SECONDS:
                await asyncio.sleep(GATHER_SECONDS)  # in a steady stream: what commits meanwhile goes along
        except TimeoutError:
            return

    async def flush(self) -> tuple[int, bool]:
        """Send one chunk: how many were confirmed, and whether more may be waiting."""
        rows = await self._unsent()
        if not rows:
            return 0, False
        messages = [Message(row.event_id, row.type, row.subject, row.body.encode(), row.traceparent) for row in rows]
        confirmed = await self._bus.publish(messages)
        done = [row.id for row in rows if row.event_id in confirmed]
        async with self._database.transaction() as session:
            await session.execute(update(OutboxRow).where(OutboxRow.id.in_(done)).values(sent_at=now()))  # type: ignore[union-attr]
        for row in rows:
            if row.event_id in confirmed:
                self._sent.labels(row.type).inc()
        return len(done), len(rows) == CHUNK or len(done) < len(rows)

    async def drain(self) -> None:
        """Send what the bus still takes; the rest waits in the outbox."""
        while (await self.flush())[0]:
            pass

    async def _unsent(self) -> list[OutboxRow]:
        async with self._database.read() as session:
            unsent = select(OutboxRow).where(OutboxRow.sent_at.is_(None)).order_by(OutboxRow.id).limit(CHUNK)  # type: ignore[union-attr, arg-type]
            return list((await session.execute(unsent)).scalars())

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
        """How many events wait for the bus, and since when the oldest does."""
        async with self._database.read() as session:
            waiting = select(func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.sent_at.is_(None))  # type: ignore[union-attr]
            count, oldest_at = (await session.execute(waiting)).one()
            return count, oldest_at

    async def _purge(self) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(OutboxRow).where(OutboxRow.sent_at < now() - KEEP_SENT))  # type: ignore[arg-type, operator]
