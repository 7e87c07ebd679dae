"""Dispatch orders, what was said of them, and the runs they made."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "dispatch_order",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("complaint_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", UtcTime(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index("dispatch_order_vehicle", "dispatch_order", ["vehicle_id", "order_id"])
    for name, column, where in (
        ("dispatch_order_due", "due_at", "status IN ('open', 'delivered', 'accepted')"),
        ("dispatch_order_stop", "stop_id", "stop_id IS NOT NULL"),
    ):
        op.create_index(name, "dispatch_order", [column], postgresql_where=sa.text(where), sqlite_where=sa.text(where))
    op.create_table(
        "order_change",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "seq"),
    )
    op.add_column("run", sa.Column("order_id", sa.String(), nullable=True))
