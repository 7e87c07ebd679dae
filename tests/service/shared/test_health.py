"""Readiness says what a service cannot do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from services.gateway.app import create_app
from shared import health, testing
from shared.clock import monotonic
from shared.db import Database
from shared.errors import STORAGE_ERRORS
from shared.settings import Settings
from shared.vocabulary import Role


@pytest.fixture
async def city(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[testing.City]:
    monkeypatch.setattr(health, "PROBE_EVERY_SECONDS", -1.0)
    async with testing.city(settings, [create_app], migrated=True) as opened:
        yield opened


async def ready(city: testing.City) -> tuple[int, dict[str, Any]]:
    async with city.client() as client:
        answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["services"]["gateway"]


async def test_a_service_that_can_do_its_work_is_ready(city: testing.City) -> None:
    status, state = await ready(city)
    assert (status, state["status"], state["publisher_blocked_seconds"]) == (200, "ready", 0)
    assert [state["database"], state["migrated"], state["writable"]] == [True, True, True]


@pytest.mark.parametrize("revision", [None, "0001"])
async def test_a_database_older_than_the_code_is_not_ready(city: testing.City, revision: str | None) -> None:
    database: Database = city.apps["gateway"].state.resources.database
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM alembic_version"))
        if revision:
            await session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    status, state = await ready(city)
    assert (status, state["status"], state["migrated"]) == (503, "not ready", False)


async def test_a_database_newer_than_the_code_is_ready(city: testing.City) -> None:
    """Old code goes on while a new version is rolled out."""
    database: Database = city.apps["gateway"].state.resources.database
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    assert (await ready(city))[0] == 200


async def test_an_empty_database_is_not_ready(settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_EVERY_SECONDS", -1.0)
    empty = settings.model_copy(update={"data_dir": tmp_path / "empty", "database_url": None})
    database = Database(empty, "gateway")
    async with testing.city(settings, [create_app], migrated=True) as city:
        city.apps["gateway"].state.resources.health._database = database
        status, state = await ready(city)
    assert (status, state["migrated"], state["writable"]) == (503, False, False)
    await database.close()


async def test_a_request_to_a_database_that_is_not_migrated_is_told_to_come_again(city: testing.City) -> None:
    database: Database = city.apps["gateway"].state.resources.database
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE city_quota RENAME TO later"))
    async with city.client(Role.DISPATCHER) as client:
        answer = await client.get("/v1/quotas", params={"month": "2026-11-01"})
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "too_busy", "2")


async def test_a_full_disk_is_not_ready_until_there_is_room(city: testing.City, monkeypatch: pytest.MonkeyPatch) -> None:
    database: Database = city.apps["gateway"].state.resources.database
    if database.is_postgres:
        pytest.skip("SQLite's own limit stands for the disk; PostgreSQL's error is mapped in test_errors")
    async with database.transaction() as session:
        await session.execute(text("PRAGMA max_page_count = 1"))
        pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(STORAGE_ERRORS):
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE filler AS SELECT randomblob(9000000) AS data"))
    status, state = await ready(city)
    assert (status, state["status"], state["writable"]) == (503, "not ready", False)
    async with database.transaction() as session:
        await session.execute(text("PRAGMA max_page_count = 1000000"))
    later = monotonic() + 3600
    monkeypatch.setattr("shared.db.monotonic", lambda: later)
    assert (await ready(city))[0] == 200


async def test_a_consumer_that_gets_nowhere_is_told(city: testing.City, monkeypatch: pytest.MonkeyPatch) -> None:
    processor = city.apps["gateway"].state.resources.processor
    stuck = asyncio.Event()

    async def never(*_: Any) -> None:
        await stuck.wait()

    monkeypatch.setattr(processor._transaction, "run", never)
    delivering = asyncio.create_task(processor.deliver([]))
    await asyncio.sleep(0)
    monkeypatch.setattr(health, "STUCK_SECONDS", -1.0)
    status, state = await ready(city)
    assert (status, state["status"]) == (200, "degraded")
    assert state["consumer_stuck_seconds"] >= 0
    stuck.set()
    await delivering
    assert processor.stuck_seconds() == 0


async def test_a_publisher_that_is_refused_is_told(city: testing.City, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = city.apps["gateway"].state.resources.bus
    monkeypatch.setattr(bus, "blocked_seconds", lambda: 12.34)
    status, state = await ready(city)
    assert (status, state["status"], state["publisher_blocked_seconds"]) == (200, "degraded", 12.3)
