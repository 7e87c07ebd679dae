"""Trucks that were known before entries were kept are held to what they were registered for then."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, text

from services.route.domain.trucks import TruckEntry
from services.route.store import trucks
from shared.db import Database
from shared.migrations import HOME, migrate
from shared.settings import Settings


def upgrade_to_second(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(HOME / "route" / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_an_older_database_keeps_what_its_trucks_were_registered_for(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres").create_database("before_violations") if kind == "postgres" else None
    database = Database(Settings(data_dir=tmp_path, database_url=url and SecretStr(url)), "route")
    async with database.writer.connect() as connection:
        if url:
            await connection.execute(text('CREATE SCHEMA IF NOT EXISTS "route"'))
        await connection.run_sync(upgrade_to_second)
        columns = "vehicle_id, revision, plate, kind, waste_streams"
        await connection.execute(text(f"INSERT INTO truck ({columns}) VALUES ('T-1', 3, 'x', 'food_waste', '[\"food\"]')"))
        await connection.commit()
    await migrate(database)
    async with database.read() as session:
        assert await trucks.entries(session, "T-1") == [TruckEntry(datetime(1970, 1, 1, tzinfo=UTC), 3, "food_waste", ("food",))]
    await database.close()
