"""Databases of every earlier release become those of this one, with all their rows, while they are being used.

`releases/` holds what each release made, with a row in every table: SQL of PostgreSQL, and of each service's SQLite file.
"""

import asyncio
import gzip
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from test_migrations import differences

from deploy.local.postgres import LocalPostgres
from shared.clock import now
from shared.db import Database
from shared.ids import new_id
from shared.migrations import migrate
from shared.settings import SERVICES, Settings

RELEASES = Path(__file__).parent / "releases"
NAMES = sorted(file.name.removesuffix(".sqlite.json.gz") for file in RELEASES.glob("*.sqlite.json.gz"))
WRITE = text(
    "INSERT INTO outbox (event_id, type, subject, body, traceparent, created_at) VALUES (:id, 'load', 'load', '{}', '', :at)"
)


@pytest.fixture(params=["sqlite", "postgres"])
async def released(request: pytest.FixtureRequest, tmp_path: Path, release: str) -> AsyncIterator[Settings]:
    """The databases of a release as it left them."""
    if request.param == "sqlite":
        files = json.loads(gzip.decompress((RELEASES / f"{release}.sqlite.json.gz").read_bytes()))
        for service, script in files.items():
            connection = sqlite3.connect(tmp_path / f"{service}.sqlite3")
            connection.executescript(script)
            connection.close()
        yield Settings(data_dir=tmp_path)
        return
    server: LocalPostgres = request.getfixturevalue("postgres")
    name = f"release_{new_id().replace('-', '')}"
    url = server.create_database(name)
    connection = await asyncpg.connect(url)
    await connection.execute(gzip.decompress((RELEASES / f"{release}.postgres.sql.gz").read_bytes()).decode())
    await connection.close()
    yield Settings(data_dir=tmp_path, database_url=url)
    server.drop_database(name)


async def rows_of(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if database.is_postgres:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    async with database.read() as session:
        names = sorted((await session.execute(text(tables))).scalars())
        return {name: (await session.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names}


@asynccontextmanager
async def in_use(database: Database) -> AsyncIterator[list[int]]:
    """The old version goes on writing and reading meanwhile, as it does in a rollout."""
    written: list[int] = []

    stopping = asyncio.Event()

    async def write() -> None:
        while not stopping.is_set():
            values = {"id": new_id(), "at": now() if database.is_postgres else int(now().timestamp() * 1_000_000)}
            async with database.transaction() as session:
                await session.execute(WRITE, values)
            written.append(1)
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    while not written:
        await asyncio.sleep(0)
        if writing.done():
            await writing
    yield written
    assert not writing.done(), "the old version could not write while the new one upgraded"
    stopping.set()
    await writing


@pytest.mark.parametrize("release", NAMES)
async def test_databases_of_a_release_are_upgraded_with_all_their_rows_while_in_use(released: Settings) -> None:
    for service in SERVICES:
        database, other = Database(released, service), Database(released, service)
        before = await rows_of(database)
        assert before.pop("alembic_version") == 1
        async with in_use(other) as written:
            await migrate(database)
        after = await rows_of(database)
        assert {name: count for name, count in after.items() if name in before and name != "outbox"} == {
            name: count for name, count in before.items() if name in after and name != "outbox"
        }
        assert after["outbox"] == before["outbox"] + len(written)
        async with database.writer.connect() as connection:
            assert await connection.run_sync(differences, service) == []
        await migrate(database)
        await database.close()
        await other.close()
