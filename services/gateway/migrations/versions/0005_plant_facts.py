"""The newest that incineration plants told."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "city_plant_fact",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("fact", Json, nullable=False),
        sa.PrimaryKeyConstraint("type", "fact_id"),
    )
    op.create_index("city_plant_fact_plant", "city_plant_fact", ["plant_id", "type"])
