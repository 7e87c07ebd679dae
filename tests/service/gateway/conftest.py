from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import pytest
from happenings import TEN

from services.gateway.app import create_app
from shared import testing
from shared.clock import frozen
from shared.local_bus import LocalBus
from shared.settings import Settings
from shared.vocabulary import Role


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "route", "gateway"]


@pytest.fixture
def at_ten() -> Iterator[None]:
    with frozen(TEN):
        yield


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[testing.City]:
    """The gateway alone; every event reaches it twice."""
    twice: Any = testing.Duplicator(LocalBus())
    async with testing.city(settings, [create_app], twice, migrated=True) as city:
        yield city


@pytest.fixture
async def console(gateway: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    """A dispatcher of the whole city."""
    async with gateway.client(Role.DISPATCHER) as client:
        yield client
