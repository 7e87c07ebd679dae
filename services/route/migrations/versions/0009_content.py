"""Different fixes of one moment are all kept; fixes that their neighbours make impossible are left out; reports have flags."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import is_postgres, rebuild_table

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("driver_report", sa.Column("flags", Json, nullable=False, server_default="[]"))
    ordinal = sa.Column("ordinal", sa.SmallInteger(), nullable=False, server_default="0")
    reviewed_at = sa.Column("reviewed_at", UtcTime(), nullable=True)
    left_out = sa.Column("left_out", sa.Boolean(), nullable=False, server_default=sa.false())
    if is_postgres():
        for column in (ordinal, reviewed_at, left_out):
            op.add_column("observation", column)
        op.execute("ALTER TABLE observation DROP CONSTRAINT observation_pkey")
        op.execute("ALTER TABLE observation ADD PRIMARY KEY (vehicle_id, at, ordinal)")
        return
    columns = [
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        ordinal,
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("speed_kmh", sa.REAL(), nullable=True),
        sa.Column("nearest_m", sa.REAL(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        reviewed_at,
        left_out,
    ]
    op.drop_index("observation_stop", "observation")
    rebuild_table("observation", columns, ("vehicle_id", "at", "ordinal"), new=("ordinal", "reviewed_at", "left_out"))
    op.create_index("observation_stop", "observation", ["stop_id"])
