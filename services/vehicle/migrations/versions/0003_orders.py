"""Dispatch orders that go out with answers to telemetry."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "pending_order",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("shown", Json, nullable=False),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("order_id"),
    )
    waiting = sa.text("waiting")
    op.create_index("pending_order_waiting", "pending_order", ["vehicle_id"], postgresql_where=waiting, sqlite_where=waiting)
    op.add_column("vehicle_state", sa.Column("has_orders", sa.Boolean(), nullable=False, server_default=sa.false()))
