"""Lifts that mixed waste, and what trucks were registered for when they made them."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0004"
down_revision = "0003"

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ("vehicle_id", "revision", "kind", "waste_streams")


def upgrade() -> None:
    entries = op.create_table(
        "truck_entry",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("waste_streams", Json, nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "revision"),
    )
    # Since when an entry holds was not kept until now: those that are there hold for all that was.
    trucks = sa.table("truck", *(sa.column(name) for name in NAMES))
    known = sa.select(*trucks.c, sa.literal(ALWAYS, UtcTime()))
    op.execute(sa.insert(entries).from_select([*NAMES, "since"], known))
    op.create_table(
        "violation",
        sa.Column("violation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lift_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("service_point_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("truck_streams", Json, nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("violation_id"),
    )
    op.create_index("violation_day", "violation", ["service_day", "at"])
    op.create_index("violation_vehicle_at", "violation", ["vehicle_id", "at"])
    # Progress of a day is counted from its stops.
    op.create_index("stop_day", "stop", ["service_day"])
