"""Calendars and seasons of the timetable, where drivers reported from, what dispatchers ruled."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("lon", "lat"):
        op.add_column("driver_report", sa.Column(name, sa.Double(), nullable=True))
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    # A season belongs to a line of the timetable; the route's own was never read.
    with op.batch_alter_table("route") as route:
        route.drop_column("valid_from")
        route.drop_column("valid_to")
    op.add_column("route_stop", sa.Column("by_calendar", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("valid_from", "valid_to"):
        op.add_column("route_stop", sa.Column(name, sa.Date(), nullable=True))
    for table in ("route_stop", "stop"):
        op.add_column(table, sa.Column("mode", sa.String(), nullable=False, server_default="passing"))
    op.create_table(
        "truck",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("waste_streams", Json, nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id"),
    )
    for table in ("run", "stop"):
        op.add_column(table, sa.Column("contractor_id", sa.String(), nullable=True))
    op.create_index("service_point_place", "service_point", ["lat", "lon"])
    op.create_index("stop_point_window", "stop", ["service_point_id", "window_end"])
    op.create_index("observation_stop", "observation", ["stop_id"])
    op.create_index("lift_stop", "lift", ["stop_id"])
    op.add_column("stop", sa.Column("ruling", Json, nullable=True))
