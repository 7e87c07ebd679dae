"""From a message to one transaction of a service: read, claim in the inbox, handle, commit.

| what happens | what becomes of the event |
|---|---|
| it cannot be read, or a rule says no (`DomainError`) | a dead letter at once |
| its subject is not there yet | parked for that subject, handled when it comes |
| its handler fails | parked, tried again with growing pauses, then a dead letter |
| storage is away | delivered again by the bus; nothing is taken and nothing is given up |

So one bad event holds up no other.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pydantic import ValidationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.bus import Message
from shared.clock import monotonic, now
from shared.consumers import Consumers
from shared.db import Database
from shared.dead_letters import DeadLetter, asked_to_replay, count_dead_letters, dead_letter, message_of
from shared.errors import DomainError, is_outage, wrong_fields
from shared.events.base import Envelope
from shared.inbox import claim, forget_old_claims, release_claim
from shared.tracing import continue_trace

log = logging.getLogger(__name__)
HOUSEKEEPING_SECONDS = 2.0
RETRY_SECONDS = 5.0
RETRIES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and what it says; the message carries the id of its envelope, which is the event's identity."""

    message: Message
    envelope: Envelope

    @property
    def event(self) -> Any:
        return self.envelope.data  # type: ignore[attr-defined]


class EventProcessor:
    """Runs one service's consumers on its database."""

    def __init__(self, consumers: Consumers, database: Database, metrics: CollectorRegistry) -> None:
        self._consumers, self._database = consumers, database
        self._parked_now = asyncio.Event()
        self._stuck_since: float | None = None
        self._metrics = _ProcessorMetrics(consumers, metrics)
        self._metrics.stuck.set_function(self.stuck_seconds)

    def stuck_seconds(self) -> float:
        """For how long the events in hand have not been committed; 0 when none are."""
        return 0.0 if self._stuck_since is None else monotonic() - self._stuck_since

    async def deliver(self, messages: list[Message]) -> None:
        """Handle messages in order, in one transaction where that is possible. Raises only when storage is away."""
        self._stuck_since = self._stuck_since or monotonic()
        deliveries = await self._read(messages)
        try:
            await self._handle(deliveries)
        except Exception as error:
            if is_outage(error):
                raise
            for delivery in deliveries:
                await self._handle_alone(delivery)
        self._stuck_since = None

    async def _read(self, messages: Sequence[Message]) -> list[Delivery]:
        """What can be read; the rest are dead letters already."""
        deliveries = []
        for message in messages:
            try:
                envelope = self._consumers.read(message)
                deliveries.append(Delivery(replace(message, id=envelope.id), envelope))
            except (DomainError, ValidationError) as error:
                await self._give_up(message, _reason(error), 1)
        return deliveries

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        async with self._database.transaction() as session:
            fresh = await self._claim(session, deliveries)
            if fresh:
                continue_trace(fresh[0].message.traceparent)
            handled = await self._apply(session, fresh)
        self._metrics.count_handled(handled)

    async def _claim(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Delivery]:
        unclaimed = await claim(session, self._consumers.service, [delivery.message.id for delivery in deliveries])
        fresh = []
        for delivery in deliveries:
            if delivery.message.id in unclaimed:
                unclaimed.discard(delivery.message.id)
                fresh.append(delivery)
            else:
                self._metrics.duplicates.inc()
        return fresh

    async def _apply(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Call the handlers, park what has to wait, and take up what waited for these events. Returns what was handled."""
        if not deliveries:
            return []
        events: dict[str, list[Any]] = {}
        for delivery in deliveries:
            events.setdefault(delivery.message.type, []).append(delivery.event)
        waiting: dict[int, str] = {}
        for event_type, handler in self._consumers.handlers.items():
            if event_type in events:
                waiting |= {id(wait.event): wait.subject for wait in await handler(session, events[event_type]) or ()}
        if waiting:
            await parking.park(session, [(d.message, waiting[id(d.event)]) for d in deliveries if id(d.event) in waiting])
        handled = [delivery for delivery in deliveries if id(delivery.event) not in waiting]
        return handled + await self._apply_waiting_for(session, handled)

    async def _apply_waiting_for(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Delivery]:
        subjects = {d.event.subject for d in deliveries if d.message.type in self._consumers.awaited}
        messages = await parking.take_waiting_for(session, subjects) if subjects else []
        return await self._apply(session, [Delivery(message, self._consumers.read(message)) for message in messages])

    async def _handle_alone(self, delivery: Delivery) -> None:
        try:
            await self._handle([delivery])
        except Exception as error:
            if is_outage(error):
                raise
            if isinstance(error, DomainError | ValidationError):
                await self._give_up(delivery.message, _reason(error), 1)
                return
            log.warning("handler failed", exc_info=error, extra={"type": delivery.message.type, "attempt": 1})
            async with self._database.transaction() as session:
                if await claim(session, self._consumers.service, [delivery.message.id]):
                    await parking.park_failed(session, delivery.message, _reason(error))
            self._parked_now.set()

    async def _give_up(self, message: Message, reason: str, attempts: int) -> None:
        async with self._database.transaction() as session:
            await self._dead_letter(session, message, reason, attempts)

    async def _dead_letter(self, session: AsyncSession, message: Message, reason: str, attempts: int) -> None:
        handler = self._consumers.name_of(message.type)
        await dead_letter(session, self._consumers.service, message, handler, reason, attempts)
        self._metrics.count_dead(message.type)
        log.error("dead letter", extra={"type": message.type, "handler": handler, "reason": reason})

    async def dead(self, messages: list[Message]) -> None:
        """What the broker gave up on: its handler ended the process again and again."""
        for message in messages:
            await self._give_up(message, "the broker's delivery limit was reached", 0)

    async def retry_parked(self) -> None:
        """Try parked events again when their time has come."""
        while True:
            self._parked_now.clear()
            try:
                pause = await self.retry_due()
            except Exception as error:
                log.warning("retries pause", extra={"error": repr(error)})
                pause = RETRY_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await self._parked_now.wait()
                await asyncio.sleep(parking.PAUSES[0].total_seconds())
            except TimeoutError:
                continue

    async def retry_due(self) -> float:
        """Try what is due now; seconds until it is worth looking again."""
        async with self._database.read() as session:
            due = await parking.due_events(session, RETRIES_AT_ONCE)
        for event_id in due:
            await self._retry(event_id)
        async with self._database.read() as session:
            waiting, failed = await parking.count_parked(session)
        self._metrics.parked.labels("subject").set(waiting)
        self._metrics.parked.labels("retry").set(failed)
        return parking.PAUSES[0].total_seconds() if failed or len(due) == RETRIES_AT_ONCE else RETRY_SECONDS

    async def _retry(self, event_id: str) -> None:
        try:
            async with self._database.transaction() as session:
                parked = await parking.lock_parked(session, event_id)
                if parked is None:
                    return
                message = parking.message_of(parked)
                handled = await self._apply(session, [Delivery(message, self._consumers.read(message))])
                if handled:
                    await session.delete(parked)
                else:
                    await self._postpone(session, parked, parked.reason)
        except Exception as error:
            if is_outage(error):
                raise
            await self._failed_again(event_id, error)
        else:
            self._metrics.count_handled(handled)

    async def _failed_again(self, event_id: str, error: Exception) -> None:
        log.warning("handler failed", exc_info=error, extra={"event_id": event_id})
        async with self._database.transaction() as session:
            parked = await parking.lock_parked(session, event_id)
            if parked is not None:
                await self._postpone(session, parked, _reason(error))

    async def _postpone(self, session: AsyncSession, parked: parking.ParkedEvent, reason: str) -> None:
        if not parking.postpone(parked, reason):
            await self._dead_letter(session, parking.message_of(parked), reason, parked.attempts)
            await release_claim(session, self._consumers.service, parked.event_id)
            await session.delete(parked)

    async def open_retries(self) -> int:
        """Events whose handler failed and is tried again; those that wait for their subject are not counted."""
        async with self._database.read() as session:
            return (await parking.count_parked(session))[1]

    async def housekeeping(self) -> None:
        """Replay what was asked for; forget old claims."""
        while True:
            try:
                async with self._database.read() as session:
                    letters = await asked_to_replay(session)
                    self._metrics.dead_waiting.set(await count_dead_letters(session))
                for letter in letters:
                    await self._replay(letter)
                async with self._database.transaction() as session:
                    await forget_old_claims(session)
            except Exception as error:
                log.warning("housekeeping pauses", extra={"error": repr(error)})
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _replay(self, letter: DeadLetter) -> None:
        message = message_of(letter)
        outcome: dict[str, Any] = {"state": "replayed"}
        try:
            envelope = self._consumers.read(message)
            await self._handle([Delivery(replace(message, id=envelope.id), envelope)])
        except Exception as error:
            if is_outage(error):
                raise
            outcome = {"state": "dead", "reason": _reason(error), "attempts": letter.attempts + 1, "died_at": now()}
        async with self._database.transaction() as session:
            await session.execute(update(DeadLetter).where(DeadLetter.id == letter.id).values(**outcome))  # type: ignore[arg-type]


class _ProcessorMetrics:
    def __init__(self, consumers: Consumers, registry: CollectorRegistry) -> None:
        self.handled = Counter("sanitation_events_taken", "Events handled", ["type"], registry=registry)
        self.duplicates = Counter("sanitation_inbox_duplicates", "Events that had been handled before", registry=registry)
        self.dead = Counter("sanitation_dead_letters", "Events given up on", ["type"], registry=registry)
        self.dead_waiting = Gauge("sanitation_dead_letters_waiting", "Dead letters nobody has replayed", registry=registry)
        self.parked = Gauge(
            "sanitation_events_parked",
            "Events that wait for their subject, or to be tried again",
            ["waits_for"],
            registry=registry,
        )
        self.stuck = Gauge(
            "sanitation_consumer_stuck_seconds", "For how long the events in hand have not been committed", registry=registry
        )
        self.lag = Histogram(
            "sanitation_event_lag_seconds",
            "From an event stored by its publisher to its effect committed here",
            ["type"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300),
            registry=registry,
        )
        for event_type in consumers.handlers:  # there from the start, so that the first is seen as an increase
            self.handled.labels(event_type)
            self.dead.labels(event_type)
        self._known = frozenset(consumers.handlers)

    def count_handled(self, deliveries: Iterable[Delivery]) -> None:
        committed_at = now()
        for delivery in deliveries:
            envelope = delivery.envelope
            self.handled.labels(envelope.type).inc()
            self.lag.labels(envelope.type).observe((committed_at - (envelope.storedat or envelope.time)).total_seconds())

    def count_dead(self, event_type: str) -> None:
        self.dead.labels(event_type if event_type in self._known else "other").inc()


def _reason(error: Exception) -> str:
    """Why, without the data itself: a validation error is told by place and rule, not by value."""
    if isinstance(error, ValidationError):
        return wrong_fields(error, 10)
    return f"{type(error).__name__}: {error}"
