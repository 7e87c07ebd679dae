"""A service's database with a table for effects."""

from collections.abc import AsyncIterator

import pytest
from consumers_of_reports import EFFECT, Handling

from shared.db import Database
from shared.migrations import migrate
from shared.settings import Settings


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings, "vehicle")
    await migrate(made)
    async with made.transaction() as session:
        await (await session.connection()).run_sync(EFFECT.create)
    yield made
    await made.close()


@pytest.fixture
def handling(database: Database) -> Handling:
    return Handling(database)
