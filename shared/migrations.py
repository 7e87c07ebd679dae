"""Each service's own Alembic history, applied at the start of the all-in-one suite or by `sanitation migrate`.

A service's `migrations/env.py` is one call of `run`; everything that differs is its name and its tables.
"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text

from shared.db import Database
from shared.outbox import SharedTable

HOME = Path(__file__).parent.parent / "services"


async def migrate(database: Database) -> None:
    """Bring the database to the newest revision. Several processes may call this at once: one works, the others wait."""
    async with database.writer.connect() as connection:
        if database.is_postgres:
            await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": f"migrate:{database.service}"})
            await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.service}"'))
            await connection.commit()
        await connection.run_sync(_upgrade, database.service)
        await connection.commit()
        if database.is_postgres:
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": f"migrate:{database.service}"})
            await connection.commit()


def _upgrade(connection: Connection, service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(HOME / service / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run(metadata: MetaData) -> None:
    """The whole of an `env.py`: one transaction for all steps, on the connection that `migrate` opened."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=targets(metadata), compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def targets(metadata: MetaData) -> Sequence[MetaData]:
    return [metadata, SharedTable.metadata]


def is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def create(*tables: sa.Table) -> None:
    """Create tables as their classes describe them; for a first revision only, later ones spell out their change."""
    for table in tables:
        table.create(op.get_bind())


def create_shared_tables() -> None:
    create(*SharedTable.metadata.sorted_tables)
