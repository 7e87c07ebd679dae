"""The bus of the all-in-one suite: the publisher's outbox is the queue, every subscriber commits before it is confirmed."""

import asyncio
import logging
from collections.abc import Sequence

from shared.bus import Deliver, Message

log = logging.getLogger(__name__)


class LocalBus:
    def __init__(self) -> None:
        self._types: dict[str, frozenset[str]] = {}
        self._consumers: dict[str, Deliver] = {}
        self._busy: dict[str, asyncio.Lock] = {}

    async def open(self) -> None:
        return None

    async def declare(self, queue: str, types: Sequence[str]) -> None:
        self._types[queue] = frozenset(types)
        self._busy.setdefault(queue, asyncio.Lock())

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:  # noqa: ARG002 - no broker gives up here
        self._consumers[queue] = deliver

    async def publish(self, messages: Sequence[Message]) -> set[str]:
        """A message is confirmed when every queue that it is for has taken it, and there is at least one."""
        wanted = {queue: [m for m in messages if self._is_for(queue, m)] for queue in self._types}
        queues = [queue for queue, its in wanted.items() if its]
        taken = await asyncio.gather(*(self._hand_over(queue, wanted[queue]) for queue in queues))
        refused = {m.id for queue, ok in zip(queues, taken, strict=True) if not ok for m in wanted[queue]}
        return {m.id for queue in queues for m in wanted[queue]} - refused

    def _is_for(self, queue: str, message: Message) -> bool:
        return queue == message.queue if message.queue else message.type in self._types[queue]

    async def _hand_over(self, queue: str, messages: Sequence[Message]) -> bool:
        deliver = self._consumers.get(queue)
        if deliver is None:
            return False
        async with self._busy[queue]:
            try:
                await deliver(list(messages))
            except Exception as error:
                log.warning("subscriber did not take messages", extra={"queue": queue, "error": repr(error)})
                return False
        return True

    async def ready(self) -> bool:
        return True

    def blocked_seconds(self) -> float:
        return 0.0

    async def stop_consuming(self) -> None:
        consumers, self._consumers = self._consumers, {}
        for queue in consumers:
            async with self._busy[queue]:
                pass  # the batch in hand is finished

    async def close(self) -> None:
        await self.stop_consuming()
