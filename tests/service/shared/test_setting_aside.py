"""One bad item of a work list stops no other, and is tried again when time has passed."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Column, Integer, MetaData, Table, select

from shared import setting_aside
from shared.clock import monotonic
from shared.db import Database
from shared.setting_aside import SET_ASIDE_SECONDS, SetAside
from shared.settings import Settings

DONE = Table("done", MetaData(), Column("item", Integer, primary_key=True))


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings, "vehicle")
    async with made.transaction() as session:
        await (await session.connection()).run_sync(DONE.create)
    yield made
    await made.close()


async def done(database: Database) -> list[int]:
    async with database.read() as session:
        return sorted((await session.execute(select(DONE.c.item))).scalars())


async def work_off(database: Database, failing: SetAside[int], items: list[int], error: Exception | None) -> list[int]:
    """One transaction of a task; the third item writes, and then fails. What failed."""
    async with database.transaction() as session:

        async def one(item: int) -> None:
            await session.execute(DONE.insert(), [{"item": item}])
            if item == 3 and error is not None:
                raise error

        return [item for item in items if not await failing.attempt(session, item, one(item))]


async def test_only_the_item_that_fails_is_undone_and_passed_over(database: Database) -> None:
    gauge = Gauge("set_aside", "items", ["task"], registry=CollectorRegistry())
    failing: SetAside[int] = SetAside("task", gauge)
    assert await work_off(database, failing, [1, 2, 3, 4, 5], ValueError("bad")) == [3]
    assert await done(database) == [1, 2, 4, 5]
    assert (failing.keys(), gauge.labels("task")._value.get()) == ([3], 1)


async def test_an_item_that_was_set_aside_is_tried_again_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    failing: SetAside[int] = SetAside("task")
    await work_off(database, failing, [3], ValueError("bad"))
    later = monotonic() + SET_ASIDE_SECONDS + 1
    monkeypatch.setattr(setting_aside, "monotonic", lambda: later)
    assert failing.keys() == []
    assert await work_off(database, failing, [3], None) == []
    assert (await done(database), failing.keys()) == ([3], [])


async def test_an_error_of_the_database_in_one_item_leaves_the_transaction_usable(database: Database) -> None:
    failing: SetAside[int] = SetAside("task")
    assert await work_off(database, failing, [1, 1, 2], None) == [1]
    assert await done(database) == [1, 2]


@pytest.mark.parametrize("outage", [ConnectionResetError("gone"), TimeoutError()])
async def test_an_outage_is_not_the_fault_of_an_item(database: Database, outage: Exception) -> None:
    failing: SetAside[int] = SetAside("task")
    with pytest.raises(type(outage)):
        await work_off(database, failing, [1, 3, 2], outage)
    assert (await done(database), failing.keys()) == ([], [])
