"""Events in one transaction: claimed, handed to their handlers, parked where their subject is missing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.consumers import Consumers
from shared.db import Database
from shared.event_processing.delivery import Delivery, read
from shared.event_processing.metrics import EventMetrics
from shared.inbox import claim
from shared.tracing import continue_trace


class EventTransaction:
    def __init__(self, consumers: Consumers, database: Database, metrics: EventMetrics) -> None:
        self._consumers, self._database, self._metrics = consumers, database, metrics

    async def run(self, deliveries: Sequence[Delivery]) -> None:
        """All of them or none. Events that were claimed before have no effect."""
        if not deliveries:
            return
        async with self._database.transaction() as session:
            unclaimed = await self._claim(session, deliveries)
            if unclaimed:
                continue_trace(unclaimed[0].message.traceparent)
            handled = await self.apply(session, unclaimed)
        self._metrics.count_handled(handled)

    async def _claim(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that are new, each once."""
        unclaimed = await claim(session, self._consumers.service, [delivery.message.id for delivery in deliveries])
        new = []
        for delivery in deliveries:
            if delivery.message.id in unclaimed:
                unclaimed.discard(delivery.message.id)
                new.append(delivery)
            else:
                self._metrics.duplicates.inc()
        return new

    async def apply(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> list[Delivery]:
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
        return await self.apply(session, [read(self._consumers, message) for message in messages])
