from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.ports import free_port
from services.incinerator.app import create_app
from shared import testing
from shared.local_bus import LocalBus
from shared.settings import Settings
from tests.service.incinerator.plants import furnish


@pytest.fixture
async def plant(settings: Settings) -> AsyncIterator[testing.City]:
    """The incinerator service alone, with a plant, two lines and a logger."""
    listening: Any = testing.Audience(LocalBus())
    settings = settings.model_copy(update={"hj212_port": free_port()})
    async with testing.city(settings, [create_app], listening, migrated=True) as city:
        await furnish(city)
        yield city
