"""Times of which a vehicle has sent nothing: what it did then is unknown, not missed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shared.db import UtcTime

revision = "0007"
down_revision = "0006"
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "silence",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("begin", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("silence_vehicle_end", "silence", ["vehicle_id", "end"])
    op.add_column("vehicle_progress", sa.Column("known_from", UtcTime(), nullable=True))
    # Of those that have been heard of nobody knows since when: long enough.
    progress = sa.table("vehicle_progress", sa.column("known_from", UtcTime()), sa.column("known_until", UtcTime()))
    op.execute(sa.update(progress).where(progress.c.known_until.is_not(None)).values(known_from=ALWAYS))
