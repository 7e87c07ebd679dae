from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.ports import free_port
from services.incinerator.app import create_app
from shared import testing
from shared.bus import Message
from shared.events.base import Event
from shared.local_bus import LocalBus
from shared.settings import Settings
from tests.service.incinerator.plants import furnish

TOLD = "incinerator."


class Listening:
    """The bus with one more queue, which keeps what the service tells."""

    def __init__(self) -> None:
        self._bus, self.heard = LocalBus(), list[Message]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def open(self) -> None:
        await self._bus.declare("test", [name for name in Event.registry if name.startswith(TOLD)])
        await self._bus.consume("test", self._hear, self._hear)

    async def _hear(self, messages: list[Message]) -> None:
        self.heard += messages


@pytest.fixture
async def plant(settings: Settings) -> AsyncIterator[testing.City]:
    """The incinerator service alone, with a plant, two lines and a logger."""
    listening: Any = Listening()
    settings = settings.model_copy(update={"hj212_port": free_port()})
    async with testing.city(settings, [create_app], listening, migrated=True) as city:
        await furnish(city)
        yield city
