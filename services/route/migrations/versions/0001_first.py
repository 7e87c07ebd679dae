"""First tables: timetables, runs, stops with their verdicts, what trucks did."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "driver_report",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("service_point_id", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("report_id"),
    )
    op.create_index("driver_report_vehicle_at", "driver_report", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "judgement_due",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "service_day"),
    )
    op.create_index("ix_judgement_due_due_at", "judgement_due", ["due_at"], unique=False)
    op.create_table(
        "lift",
        sa.Column("lift_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("service_point_id", sa.String(), nullable=True),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("net_kg", sa.Integer(), nullable=True),
        sa.Column("flags", Json, nullable=False),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("lift_id"),
    )
    op.create_index(
        "lift_unmatched",
        "lift",
        ["at"],
        unique=False,
        postgresql_where=sa.text("stop_id IS NULL"),
        sqlite_where=sa.text("stop_id IS NULL"),
    )
    op.create_index("lift_vehicle_at", "lift", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "observation",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("speed_kmh", sa.REAL(), nullable=True),
        sa.Column("nearest_m", sa.REAL(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "at"),
    )
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "route",
        sa.Column("route_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("file_vehicle_id", sa.String(), nullable=True),
        sa.Column("weekdays", Json, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("stop_count", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("route_id"),
    )
    op.create_index("ix_route_district_id", "route", ["district_id"], unique=False)
    op.create_index("ix_route_vehicle_id", "route", ["vehicle_id"], unique=False)
    op.create_table(
        "route_stop",
        sa.Column("route_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_row", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("service_point_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("second", sa.Integer(), nullable=False),
        sa.Column("window_start_second", sa.Integer(), nullable=True),
        sa.Column("window_end_second", sa.Integer(), nullable=True),
        sa.Column("weekdays", sa.SmallInteger(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("expected_kg", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("route_id", "key"),
    )
    op.create_index("ix_route_stop_service_point_id", "route_stop", ["service_point_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("route_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("stop_count", sa.Integer(), nullable=False),
        sa.Column("begins_at", UtcTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("ix_run_route_id", "run", ["route_id"], unique=False)
    op.create_index("run_day", "run", ["service_day", "run_id"], unique=False)
    op.create_index("run_vehicle_day", "run", ["vehicle_id", "service_day"], unique=False)
    op.create_table(
        "service_point",
        sa.Column("service_point_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("streams", Json, nullable=False),
        sa.Column("expected_kg", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("service_point_id"),
    )
    op.create_index("ix_service_point_district_id", "service_point", ["district_id"], unique=False)
    op.create_table(
        "stop",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("service_point_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("expected_kg", sa.Integer(), nullable=True),
        sa.Column("planned_at", UtcTime(), nullable=False),
        sa.Column("window_start", UtcTime(), nullable=False),
        sa.Column("window_end", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("served_at", UtcTime(), nullable=True),
        sa.Column("evidence", Json, nullable=True),
        sa.Column("judged_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("stop_id"),
    )
    op.create_index("ix_stop_run_id", "stop", ["run_id"], unique=False)
    op.create_index(
        "stop_in_doubt",
        "stop",
        ["vehicle_id"],
        unique=False,
        postgresql_where=sa.text("verdict = 'unknown'"),
        sqlite_where=sa.text("verdict = 'unknown'"),
    )
    op.create_index("stop_vehicle_planned", "stop", ["vehicle_id", "planned_at"], unique=False)
    op.create_index(
        "stop_waiting",
        "stop",
        ["deadline"],
        unique=False,
        postgresql_where=sa.text("verdict = 'planned'"),
        sqlite_where=sa.text("verdict = 'planned'"),
    )
    op.create_table(
        "stop_verdict",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("served_at", UtcTime(), nullable=True),
        sa.Column("evidence", Json, nullable=True),
        sa.Column("known_until", UtcTime(), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("stop_id", "revision"),
    )
    op.create_table(
        "vehicle_progress",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("known_until", UtcTime(), nullable=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("lifts", sa.Integer(), nullable=False),
        sa.Column("dirty_from", UtcTime(), nullable=True),
        sa.Column("dirty_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id"),
    )
    op.execute("INSERT INTO plan_version (id, version) VALUES (1, 1)")
