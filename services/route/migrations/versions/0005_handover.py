"""Which vehicles had a stop before another took it over, and when an ordered stop was ordered."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("planned_at", UtcTime(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("found", Json, nullable=True),
        sa.PrimaryKeyConstraint("stop_id", "vehicle_id"),
    )
    op.create_index("handover_day", "handover", ["service_day", "vehicle_id"])
    op.add_column("stop", sa.Column("not_before", UtcTime(), nullable=True))
    op.create_index("handover_vehicle_planned", "handover", ["vehicle_id", "planned_at"])
    ordered = sa.text("not_before IS NOT NULL")
    op.create_index("stop_ordered", "stop", ["lat"], postgresql_where=ordered, sqlite_where=ordered)
