"""Each service's own Alembic history, applied at the start of the all-in-one suite or by `sanitation migrate`.

A service's `migrations/env.py` is one call of `run`; everything that differs is its name and its tables.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text

from shared.db import Database, UtcTime
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


def rebuild_table(table: str, columns: Sequence[sa.Column[Any]], key: Sequence[str], *, new: Sequence[str] = ()) -> None:
    """Give a table another key in SQLite, which cannot change one in place. Rows are kept; `new` columns get their default.

    Indexes go with the old table: make them again.
    """
    names = ", ".join(f'"{column.name}"' for column in columns if column.name not in new)
    op.rename_table(table, f"{table}_before")
    op.create_table(table, *columns, sa.PrimaryKeyConstraint(*key))
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}_before")  # noqa: S608 - names of our own
    op.drop_table(f"{table}_before")


def create_shared_tables() -> None:
    """Outbox, inbox, dead letters, as of the first revision of every service."""
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=False),
        sa.Column("handler", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("died_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("claimed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index("ix_inbox_claimed_at", "inbox", ["claimed_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL"),
    )


def create_parked_events() -> None:
    """Events that wait for their subject or to be tried again (`shared.parking`)."""
    op.create_table(
        "parked_event",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked_at", UtcTime(), nullable=False),
        sa.Column("retry_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("ix_parked_event_retry_at", "parked_event", ["retry_at"], unique=False)
    op.create_index("ix_parked_event_waits_for", "parked_event", ["waits_for"], unique=False)


def add_outbox_queue() -> None:
    """The queue of an event that is meant for one service only."""
    op.add_column("outbox", sa.Column("queue", sa.String(), nullable=False, server_default=""))
