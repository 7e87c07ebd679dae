"""Events whose handler failed, tried again with growing pauses, and events that wait for their subject."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.consumers import Consumers
from shared.db import Database
from shared.errors import is_outage
from shared.event_processing.dead_letters import DeadLetters
from shared.event_processing.delivery import Delivery, read, reason_of
from shared.event_processing.metrics import EventMetrics
from shared.event_processing.transaction import EventTransaction
from shared.inbox import claim, release_claim

log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0
RETRIES_AT_ONCE = 200


class Retries:
    def __init__(
        self,
        consumers: Consumers,
        database: Database,
        metrics: EventMetrics,
        transaction: EventTransaction,
        dead_letters: DeadLetters,
    ) -> None:
        self._consumers, self._database, self._metrics = consumers, database, metrics
        self._transaction, self._dead_letters = transaction, dead_letters
        self._parked_now = asyncio.Event()

    async def park(self, delivery: Delivery, error: Exception) -> None:
        """Its handler failed for the first time."""
        log.warning("handler failed", exc_info=error, extra={"type": delivery.message.type, "attempt": 1})
        async with self._database.transaction() as session:
            if await claim(session, self._consumers.service, [delivery.message.id]):
                await parking.park_failed(session, delivery.message, reason_of(error))
        self._parked_now.set()

    async def run(self) -> None:
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

    async def open(self) -> int:
        """Events whose handler failed and is tried again; those that wait for their subject are not counted."""
        async with self._database.read() as session:
            return (await parking.count_parked(session))[1]

    async def _retry(self, event_id: str) -> None:
        try:
            async with self._database.transaction() as session:
                parked = await parking.lock_parked(session, event_id)
                if parked is None:
                    return
                handled = await self._transaction.apply(session, [read(self._consumers, parking.message_of(parked))])
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
                await self._postpone(session, parked, reason_of(error))

    async def _postpone(self, session: AsyncSession, parked: parking.ParkedEvent, reason: str) -> None:
        if not parking.postpone(parked, reason):
            await self._dead_letters.write(session, parking.message_of(parked), reason, parked.attempts)
            await release_claim(session, self._consumers.service, parked.event_id)
            await session.delete(parked)
