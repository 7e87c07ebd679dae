"""Violations, to be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "city_violation",
        sa.Column("violation_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("violation_id"),
    )
    op.create_index("city_violation_day", "city_violation", ["service_day", "status"])
