"""What record cards show of other services, and what other cities published."""

import sqlalchemy as sa
from alembic import op

from shared.db import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "card_complaint",
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("requested_at", UtcTime(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    op.create_index("card_complaint_place", "card_complaint", ["lat", "lon"], unique=False)
    op.create_table(
        "card_stop",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("service_point_id", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("stop_id"),
    )
    op.create_index("card_stop_point", "card_stop", ["service_point_id", "service_day"], unique=False)
    op.create_table(
        "reference_rating",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(
            sa.Column(f"{figure}{of}", sa.Integer(), nullable=True)
            for of in ("", "_previous_month", "_previous_quarter", "_previous_year")
            for figure in ("streets", "sidewalks")
        ),
        sa.PrimaryKeyConstraint("source", "area", "month"),
    )
