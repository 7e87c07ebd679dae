from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from services.vehicle.app import create_app
from shared import testing
from shared.settings import Settings
from shared.vocabulary import Role


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "route"]


@pytest.fixture
async def vehicles(settings: Settings) -> AsyncIterator[testing.City]:
    """The vehicle service alone."""
    async with testing.city(settings, [create_app], migrated=True) as city:
        yield city


@pytest.fixture
async def truck(vehicles: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    """The onboard unit of T-1."""
    async with vehicles.client(Role.DEVICE, vehicle_ids=["T-1"]) as client:
        yield client


@pytest.fixture
async def admin(vehicles: testing.City) -> AsyncIterator[httpx.AsyncClient]:
    async with vehicles.client(Role.ADMIN) as client:
        entry = {"vehicle_id": "T-1", "plate": "沪A12345", "kind": "compactor", "capacity_kg": 8000, "district_id": "310104003"}
        assert (await client.post("/v1/vehicle-imports", json={"vehicles": [entry]})).status_code == 200
        yield client
