from collections.abc import AsyncIterator, Sequence

import pytest

from services.evaluation import tasks
from shared import testing
from tests.conftest import CityFactory


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["evaluation", "gateway"]


@pytest.fixture
async def whole(open_city: CityFactory, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[testing.City]:
    """Deadlines pass when a test says so."""
    monkeypatch.setattr(tasks, "DUE_SECONDS", 3600.0)
    async with open_city() as city:
        yield city
