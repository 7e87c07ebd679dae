from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from shared import testing
from shared.vocabulary import Role
from tests.conftest import CityFactory


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "transfer_station", "gateway"]


@pytest.fixture
async def whole(open_city: CityFactory) -> AsyncIterator[testing.City]:
    async with open_city() as city:
        yield city


@pytest.fixture
async def operator(whole: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    """Of station S-1."""
    async with whole.client(Role.STATION_OPERATOR, station_ids=["S-1"]) as client:
        yield client
