"""A commit wakes the task that it made work for; a transaction that fails wakes nobody."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.db import Database, wake
from shared.settings import Settings

LONG_SECONDS = 600.0
"""Longer than a test may take: whoever is woken is woken by the commit."""


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = Database(settings, "vehicle")
    yield opened
    await opened.close()


async def commit(database: Database, *tasks: str) -> None:
    async with database.transaction() as session:
        for task in tasks:
            wake(session, task)


async def test_a_commit_wakes_the_task_that_waits(database: Database) -> None:
    waiting = asyncio.create_task(database.woken("judging", LONG_SECONDS))
    await commit(database, "judging")
    assert await waiting


async def test_a_commit_while_the_task_works_is_not_forgotten(database: Database) -> None:
    await commit(database, "judging")
    assert await database.woken("judging", LONG_SECONDS)
    assert not await database.woken("judging", 0)


async def test_a_commit_wakes_no_other_task(database: Database) -> None:
    await commit(database, "relay")
    assert not await database.woken("judging", 0)


async def test_a_transaction_that_fails_wakes_nobody(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            wake(session, "judging")
            raise RuntimeError("changed my mind")
    assert not await database.woken("judging", 0)


async def test_whoever_waits_looks_at_once_when_time_hurries(database: Database) -> None:
    waiting = asyncio.create_task(database.woken("judging", LONG_SECONDS))
    await asyncio.sleep(0)
    database.hurry()
    assert await waiting
