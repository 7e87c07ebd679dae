"""Events that a service gave up on: written down as dead letters, and replayed when somebody asks."""

import asyncio
import logging
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import Message
from shared.clock import now
from shared.consumers import Consumers
from shared.db import Database
from shared.dead_letters import DeadLetter, asked_to_replay, count_dead_letters, dead_letter, message_of
from shared.errors import is_outage
from shared.event_processing.delivery import read, reason_of
from shared.event_processing.metrics import EventMetrics
from shared.event_processing.transaction import EventTransaction
from shared.inbox import forget_old_claims

log = logging.getLogger(__name__)
HOUSEKEEPING_SECONDS = 2.0


class DeadLetters:
    def __init__(self, consumers: Consumers, database: Database, metrics: EventMetrics, transaction: EventTransaction) -> None:
        self._consumers, self._database, self._metrics, self._transaction = consumers, database, metrics, transaction

    async def give_up(self, message: Message, reason: str, attempts: int) -> None:
        async with self._database.transaction() as session:
            await self.write(session, message, reason, attempts)

    async def write(self, session: AsyncSession, message: Message, reason: str, attempts: int) -> None:
        handler = self._consumers.name_of(message.type)
        await dead_letter(session, self._consumers.service, message, handler, reason, attempts)
        self._metrics.count_dead(message.type)
        log.error("dead letter", extra={"type": message.type, "handler": handler, "reason": reason})

    async def housekeeping(self) -> None:
        """Replay what was asked for; forget old claims."""
        while True:
            try:
                await self._replay_all()
                async with self._database.transaction() as session:
                    await forget_old_claims(session)
            except Exception as error:
                log.warning("housekeeping pauses", extra={"error": repr(error)})
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _replay_all(self) -> None:
        async with self._database.read() as session:
            letters = await asked_to_replay(session)
            self._metrics.dead_waiting.set(await count_dead_letters(session))
        for letter in letters:
            await self.replay(letter)

    async def replay(self, letter: DeadLetter) -> None:
        """Handle it once more; it is dead again, with a new reason, if that fails."""
        outcome: dict[str, Any] = {"state": "replayed"}
        try:
            await self._transaction.run([read(self._consumers, message_of(letter))])
        except Exception as error:
            if is_outage(error):
                raise
            outcome = {"state": "dead", "reason": reason_of(error), "attempts": letter.attempts + 1, "died_at": now()}
        async with self._database.transaction() as session:
            await session.execute(update(DeadLetter).where(DeadLetter.id == letter.id).values(**outcome))  # type: ignore[arg-type]
