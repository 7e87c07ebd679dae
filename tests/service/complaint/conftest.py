import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from services.complaint import app, tasks
from shared import testing
from shared.app import Resources
from shared.vocabulary import Role
from tests.conftest import CityFactory


async def _idle(_: Resources) -> None:
    """The task itself asks over HTTP, where nobody listens here; the scripted day has it at work."""
    await asyncio.Future()


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["complaint", "gateway"]


@pytest.fixture
async def whole(open_city: CityFactory, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[testing.City]:
    """Cases climb and evidence is asked for when a test says so."""
    monkeypatch.setattr(tasks, "ESCALATE_SECONDS", 3600.0)
    monkeypatch.setattr(app, "ask_for_evidence", _idle)
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
