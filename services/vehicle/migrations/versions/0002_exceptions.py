"""Where drivers reported from, and their photos."""

import sqlalchemy as sa
from alembic import op

from shared.db import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("lon", "lat"):
        op.add_column("driver_report", sa.Column(name, sa.Double(), nullable=True))
    op.create_table(
        "report_photo",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("photo_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "photo_id"),
    )
