"""A task that only one process may do: one leads, all of a process's locks stand on one connection, and losing it ends all."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.clock import monotonic
from shared.db import Database
from shared.leadership import ASK_SECONDS
from shared.settings import Settings

ADVISORY = (
    "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    if settings.database_url is None:
        pytest.skip("SQLite has one process")
    opened = Database(settings, "vehicle")
    yield opened
    await opened.close()


@pytest.fixture
async def other(settings: Settings, database: Database) -> AsyncIterator[Database]:
    opened = Database(settings, "vehicle")
    yield opened
    await opened.close()


async def connections(database: Database) -> list[int]:
    """Of those who lead something."""
    async with database.read() as session:
        return list((await session.execute(text(f"SELECT DISTINCT pid {ADVISORY}"))).scalars())


async def test_only_one_process_leads(database: Database, other: Database) -> None:
    async with database.leadership("relay") as leading:
        assert await leading()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5), other.leadership("relay"):
                pass
        async with other.leadership("another task") as leading_too:
            assert await leading_too()
    async with other.leadership("relay") as leading:
        assert await leading()


async def test_all_tasks_of_a_process_share_a_connection(database: Database) -> None:
    async with database.leadership("relay") as relay, database.leadership("judging") as judging:
        assert (len(await connections(database)), await relay(), await judging()) == (1, True, True)
    assert await connections(database) == []


async def test_a_task_that_ends_gives_back_its_own_lock_only(database: Database, other: Database) -> None:
    async with database.leadership("relay") as relay:
        async with database.leadership("judging"):
            pass
        async with other.leadership("judging") as judging:
            assert await judging()
            assert await relay()


async def test_whoever_loses_the_connection_leads_nothing_any_more(database: Database, other: Database) -> None:
    async with database.leadership("relay") as relay, database.leadership("judging") as judging:
        (pid,) = await connections(other)
        async with other.read() as session:
            await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(DBAPIError):
            await asked_anew(relay)
        assert not await judging()
        async with other.leadership("judging") as taken_over, other.leadership("relay"):
            assert await taken_over()
            assert not await relay()


async def asked_anew(leading: object) -> None:
    """Until an answer is no longer taken from memory."""
    deadline = monotonic() + 60 * ASK_SECONDS
    while monotonic() < deadline:
        assert await leading()  # type: ignore[operator]
        await asyncio.sleep(0.05)
