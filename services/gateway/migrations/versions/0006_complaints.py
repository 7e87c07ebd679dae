"""Complaints, for the citywide view."""

import sqlalchemy as sa
from alembic import op

from shared.db import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "city_complaint",
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("yellow_at", UtcTime(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    is_open = sa.text("open")
    op.create_index("city_complaint_open", "city_complaint", ["district_id"], postgresql_where=is_open, sqlite_where=is_open)
