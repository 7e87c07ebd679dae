"""What the bus delivers, in order, in as few transactions as possible."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from shared.bus import Message
from shared.clock import monotonic
from shared.consumers import Consumers
from shared.db import Database
from shared.errors import DomainError, is_outage
from shared.event_processing.dead_letters import DeadLetters
from shared.event_processing.delivery import Delivery, read, reason_of
from shared.event_processing.metrics import EventMetrics
from shared.event_processing.retries import Retries
from shared.event_processing.transaction import EventTransaction


class EventProcessor:
    """Runs one service's consumers on its database."""

    def __init__(self, consumers: Consumers, database: Database, registry: CollectorRegistry) -> None:
        self._consumers = consumers
        metrics = EventMetrics(consumers, registry)
        self._transaction = EventTransaction(consumers, database, metrics)
        self.dead_letters = DeadLetters(consumers, database, metrics, self._transaction)
        self.retries = Retries(consumers, database, metrics, self._transaction, self.dead_letters)
        self._stuck_since: float | None = None
        metrics.stuck.set_function(self.stuck_seconds)

    def stuck_seconds(self) -> float:
        """For how long the events in hand have not been committed; 0 when none are."""
        return 0.0 if self._stuck_since is None else monotonic() - self._stuck_since

    async def deliver(self, messages: list[Message]) -> None:
        """Handle messages in order, in one transaction where that is possible. Raises only when storage is away."""
        self._stuck_since = self._stuck_since or monotonic()
        deliveries = await self._read(messages)
        try:
            await self._transaction.run(deliveries)
        except Exception as error:
            if is_outage(error):
                raise
            for delivery in deliveries:
                await self._handle_alone(delivery)
        self._stuck_since = None

    async def dead(self, messages: list[Message]) -> None:
        """What the broker gave up on: its handler ended the process again and again."""
        for message in messages:
            await self.dead_letters.give_up(message, "the broker's delivery limit was reached", 0)

    async def _read(self, messages: Sequence[Message]) -> list[Delivery]:
        """What can be read; the rest are dead letters already."""
        deliveries = []
        for message in messages:
            try:
                deliveries.append(read(self._consumers, message))
            except (DomainError, ValidationError) as error:
                await self.dead_letters.give_up(message, reason_of(error), 1)
        return deliveries

    async def _handle_alone(self, delivery: Delivery) -> None:
        try:
            await self._transaction.run([delivery])
        except Exception as error:
            if is_outage(error):
                raise
            if isinstance(error, DomainError | ValidationError):
                await self.dead_letters.give_up(delivery.message, reason_of(error), 1)
            else:
                await self.retries.park(delivery, error)
