from collections.abc import AsyncIterator

import httpx
import pytest

from shared import testing
from shared.vocabulary import Role
from tests.conftest import CityFactory


@pytest.fixture
async def whole(open_city: CityFactory) -> AsyncIterator[testing.City]:
    async with open_city() as city:
        yield city


@pytest.fixture
async def desk(whole: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    """The call centre's: the whole city."""
    async with whole.client(Role.DISPATCHER) as client:
        yield client


@pytest.fixture
async def contractor(whole: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    async with whole.client(Role.DISPATCHER, contractor_ids=["K-1"]) as client:
        yield client
