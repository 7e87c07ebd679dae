"""The migrated database is what the classes say, on both databases; migrating again changes nothing."""

import asyncio
import re
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from shared.db import Database
from shared.migrations import HOME, migrate, targets
from shared.settings import SERVICES, Settings
from shared.testing import until

BASES = {
    "vehicle": "VehicleTable",
    "route": "RouteTable",
    "transfer_station": "StationTable",
    "incinerator": "IncineratorTable",
    "complaint": "ComplaintTable",
    "evaluation": "EvaluationTable",
    "gateway": "GatewayTable",
}


def metadata_of(service: str) -> MetaData:
    for noun in nouns(service):
        import_module(f"services.{service}.tables.{noun}")
    base = import_module(f"services.{service}.tables.base")
    metadata: MetaData = getattr(base, BASES[service]).metadata
    return metadata


def nouns(service: str) -> list[str]:
    """The modules of a service's tables."""
    tables = import_module(f"services.{service}.tables")
    return [module.name for module in iter_modules(tables.__path__)]


def differences(connection: Connection, service: str) -> list[Any]:
    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return (
            not (kind == "table" and (name == "alembic_version" or (name or "").startswith("position_"))) and name != "case_grams"
        )

    options = {"compare_type": True, "include_object": ours, "target_metadata": targets(metadata_of(service))}
    return compare_metadata(MigrationContext.configure(connection, opts=options), targets(metadata_of(service)))


@pytest.mark.parametrize("service", SERVICES)
def test_alembic_reads_every_table_of_a_service(service: str) -> None:
    """Else the next revision that is made by comparing would drop those that it does not know."""
    environment = (HOME / service / "migrations" / "env.py").read_text("utf-8")
    [imported] = re.findall(rf"(?s)from services\.{service}\.tables import (.*?)  # noqa", environment)
    assert set(re.findall(r"\w+", imported)) == set(nouns(service)) - {"base"}


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrated_tables_are_those_of_the_classes(settings: Settings, service: str) -> None:
    database = Database(settings, service)
    await migrate(database)
    async with database.writer.connect() as connection:
        assert await connection.run_sync(differences, service) == []
    await database.close()


async def test_a_table_that_no_migration_makes_is_noticed(settings: Settings) -> None:
    database = Database(settings, "gateway")
    async with database.transaction() as session:
        await session.execute(text("DROP TABLE city_part"))
    async with database.writer.connect() as connection:
        assert [difference[0] for difference in await connection.run_sync(differences, "gateway")] == ["add_table"]
    await database.close()


async def test_positions_are_partitioned_by_day_and_strays_move_in(settings: Settings) -> None:
    from datetime import UTC, datetime, timedelta

    from services.vehicle.tables.telemetry import PositionRow
    from services.vehicle.tasks import make_partition, partition_of
    from shared.db import insert_new

    database = Database(settings, "vehicle")
    if not database.is_postgres:
        pytest.skip("SQLite has no partitions")
    day = datetime(2015, 12, 10, 13, tzinfo=UTC)
    row = {"vehicle_id": "T-1", "lon": 1.0, "lat": 1.0, "received_at": day, "flags": 0}
    where = "SELECT tableoid::regclass::text, count(*) FROM position GROUP BY 1 ORDER BY 1"
    async with database.transaction() as session:
        await insert_new(session, PositionRow, [row | {"at": day}, row | {"at": day + timedelta(days=1)}])
        assert [tuple(r) for r in await session.execute(text(where))] == [("position_default", 2)]
        await make_partition(session, day.date())
        await insert_new(session, PositionRow, [row | {"at": day}, row | {"at": day + timedelta(hours=1)}])
        assert [tuple(r) for r in await session.execute(text(where))] == [(partition_of(day.date()), 2), ("position_default", 1)]
    await database.close()


async def test_a_partition_made_while_trucks_write_fails_none_of_them(settings: Settings) -> None:
    from datetime import UTC, datetime, timedelta

    from services.vehicle.tables.telemetry import PositionRow
    from services.vehicle.tasks import ensure_partitions
    from shared.db import insert_new

    database = Database(settings.model_copy(update={"database_connections": 10}), "vehicle")
    if not database.is_postgres:
        pytest.skip("SQLite has no partitions")
    day = datetime(2015, 12, 10, 13, tzinfo=UTC)
    row = {"vehicle_id": "T-1", "lon": 1.0, "lat": 1.0, "received_at": day, "flags": 0}

    wrote, may_commit = asyncio.Event(), asyncio.Event()

    async def write(seconds: int) -> None:
        async with database.transaction() as session:
            await insert_new(session, PositionRow, [row | {"at": day + timedelta(seconds=seconds)}])
            wrote.set()
            await may_commit.wait()

    async def make() -> None:
        async with database.transaction() as session:
            await ensure_partitions(session, day.date())

    async def wait_for_lock(count: int) -> None:
        query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")

        async def waiting() -> bool:
            async with database.read() as session:
                return bool((await session.execute(query)).scalar() == count)

        await until(waiting)

    work = [asyncio.create_task(write(0))]
    await wrote.wait()
    work.append(asyncio.create_task(make()))
    await wait_for_lock(1)  # the partition waits for the first writer
    work += [asyncio.create_task(write(n)) for n in range(1, 6)]
    await wait_for_lock(6)  # these came while it waited
    may_commit.set()
    await asyncio.gather(*work)
    async with database.read() as session:
        where = "SELECT tableoid::regclass::text, count(*) FROM position GROUP BY 1 ORDER BY 1"
        assert [tuple(r) for r in await session.execute(text(where))] == [("position_20151210", 6)]
    await database.close()
