"""Shapes of districts, for the map."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "city_district",
        sa.Column("district_id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("geometry", Json, nullable=False),
        sa.PrimaryKeyConstraint("district_id"),
    )
