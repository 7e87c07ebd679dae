"""The seam between outbox and inbox: a message goes in, every bound queue gets it at least once.

`local_bus.py` keeps the whole path in one process, `rabbit_bus.py` puts RabbitMQ between; `tests/service/shared/test_bus.py`
holds both to the same behaviour.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    type: str
    subject: str
    body: bytes
    traceparent: str = ""
    queue: str = ""
    """The one queue that gets it; empty: every queue that is bound to its type."""


Deliver = Callable[[list[Message]], Awaitable[None]]
"""Takes messages in order. Returning acknowledges all of them; raising has them delivered again later."""


class Bus(Protocol):
    async def open(self) -> None:
        """Connect; waits for a broker that is not there yet. A bus that was closed may be opened again, as a new one."""

    async def declare(self, queue: str, types: Sequence[str]) -> None:
        """Make a durable queue that receives these event types from now on."""

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:
        """Deliver what stands in the queue, in batches; what the broker gave up on goes to `dead`."""

    async def publish(self, messages: Sequence[Message]) -> set[str]:
        """The ids of the messages that are safely in every bound queue; the others must be sent again."""

    async def ready(self) -> bool:
        """True when a message published now could be confirmed."""

    def blocked_seconds(self) -> float:
        """For how long the broker has refused to take messages (its memory or disk alarm); 0 when it takes them."""

    async def stop_consuming(self) -> None:
        """Finish the batch in hand and take no more."""

    async def close(self) -> None: ...
