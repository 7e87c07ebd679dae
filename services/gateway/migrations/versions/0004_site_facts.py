"""The newest that transfer stations and plants told."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "city_site_fact",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("fact", Json, nullable=False),
        sa.PrimaryKeyConstraint("type", "fact_id"),
    )
    op.create_index("city_site_fact_site", "city_site_fact", ["site_id", "type"])
