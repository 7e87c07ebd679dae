"""First tables; positions partitioned by day from the beginning, with a default for days outside the window."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables, is_postgres

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("limit", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("alert_status_opened", "alert", ["status", "opened_at"], unique=False)
    op.create_index("alert_vehicle_opened", "alert", ["vehicle_id", "opened_at"], unique=False)
    op.create_table(
        "alert_revision",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "revision"),
    )
    op.create_table(
        "bin_lift",
        sa.Column("lift_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("service_point_id", sa.String(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("gross_kg", sa.Integer(), nullable=True),
        sa.Column("tare_kg", sa.Integer(), nullable=True),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("error_codes", Json, nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lift_id"),
    )
    op.create_index("bin_lift_vehicle_at", "bin_lift", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("fold", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", Json, nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "fold", "day"),
    )
    op.create_table(
        "driver_report",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("service_point_id", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("report_id"),
    )
    op.create_index("driver_report_vehicle_at", "driver_report", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "geofence",
        sa.Column("fence_id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("polygon", Json, nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("valid_from", UtcTime(), nullable=False),
        sa.Column("valid_to", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("fence_id"),
    )
    op.create_table(
        "load_reading",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("load_kg", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "at"),
    )
    op.create_table(
        "position",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("speed_kmh", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("ignition", sa.Boolean(), nullable=True),
        sa.Column("odometer_km", sa.Double(), nullable=True),
        sa.Column("satellites", sa.SmallInteger(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "at"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_table(
        "vehicle",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("waste_streams", Json, nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=False),
        sa.Column("capacity_kg", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("onboard_unit_id", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id"),
    )
    op.create_index("ix_vehicle_contractor_id", "vehicle", ["contractor_id"], unique=False)
    op.create_index("ix_vehicle_district_id", "vehicle", ["district_id"], unique=False)
    op.create_table(
        "vehicle_state",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("newest_at", UtcTime(), nullable=True),
        sa.Column("future_at", UtcTime(), nullable=True),
        sa.Column("last_at", UtcTime(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("speed_kmh", sa.Float(), nullable=True),
        sa.Column("heading_deg", sa.Float(), nullable=True),
        sa.Column("ignition", sa.Boolean(), nullable=True),
        sa.Column("load_at", UtcTime(), nullable=True),
        sa.Column("load_kg", sa.Integer(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=True),
        sa.Column("silence_judged_at", UtcTime(), nullable=True),
        sa.Column("motion", Json, nullable=True),
        sa.Column("scales", Json, nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id"),
    )
    op.create_index("ix_vehicle_state_last_at", "vehicle_state", ["last_at"], unique=False)
    if is_postgres():
        op.execute("CREATE TABLE position_default PARTITION OF position DEFAULT")
