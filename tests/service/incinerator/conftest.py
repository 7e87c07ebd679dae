from collections.abc import AsyncIterator

import pytest

from deploy.local.ports import free_port
from services.incinerator.app import create_app
from shared import testing
from shared.bus import Bus, Deliver, Message
from shared.local_bus import LocalBus
from shared.settings import Settings
from tests.service.incinerator.plants import furnish


class Listening:
    """A bus that keeps what it was given to send."""

    def __init__(self) -> None:
        self._bus, self.heard = LocalBus(), list[Message]()

    def __getattr__(self, name: str) -> object:
        return getattr(self._bus, name)

    async def publish(self, messages: list[Message]) -> object:
        self.heard += messages
        return await self._bus.publish(messages)

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:
        await self._bus.consume(queue, deliver, dead)


@pytest.fixture
async def plant(settings: Settings) -> AsyncIterator[testing.City]:
    """The incinerator service alone, with a plant, two lines and a logger."""
    listening: Bus = Listening()
    settings = settings.model_copy(update={"hj212_port": free_port()})
    async with testing.city(settings, [create_app], listening, migrated=True) as city:
        await furnish(city)
        yield city
