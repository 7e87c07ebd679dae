"""First tables: plants, furnace lines, loggers, emissions."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "exceedance",
        sa.Column("exceedance_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pollutant", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("period_start", UtcTime(), nullable=False),
        sa.Column("period_end", UtcTime(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("limit", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("exceedance_id"),
    )
    op.create_index("exceedance_line_period", "exceedance", ["line_id", "period_start"], unique=False)
    op.create_index(
        "exceedance_open",
        "exceedance",
        ["line_id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index("exceedance_period", "exceedance", ["period_start", "exceedance_id"], unique=False)
    op.create_table(
        "exceedance_revision",
        sa.Column("exceedance_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("limit", sa.Double(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("exceedance_id", "revision"),
    )
    op.create_table(
        "furnace_line",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_index("ix_furnace_line_plant_id", "furnace_line", ["plant_id"], unique=False)
    op.create_table(
        "line_day_due",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("touched_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "day"),
    )
    op.create_table(
        "line_mean",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("measured", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("line_id", "measured", "period", "start"),
    )
    op.create_index("line_mean_line_start", "line_mean", ["line_id", "period", "start"], unique=False)
    op.create_table(
        "logger",
        sa.Column("mn", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("crc", sa.String(), nullable=False),
        sa.Column("password_salt", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("factors", Json, nullable=False),
        sa.Column("minute_s", sa.Integer(), nullable=False),
        sa.Column("realtime_s", sa.Integer(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("mn"),
    )
    op.create_index("ix_logger_line_id", "logger", ["line_id"], unique=False)
    op.create_table(
        "logger_state",
        sa.Column("mn", sa.String(), nullable=False),
        sa.Column("last_frame_at", UtcTime(), nullable=False),
        sa.Column("last_crc", sa.String(), nullable=False),
        sa.Column("last_encoding", sa.String(), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mn"),
    )
    op.create_table(
        "operating_mark",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=True),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "seq"),
    )
    op.create_table(
        "plant",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("bunker_capacity_kg", sa.Integer(), nullable=True),
        sa.Column("limits", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id"),
    )
    op.create_table(
        "raw_frame",
        sa.Column("frame_id", sa.String(), nullable=False),
        sa.Column("mn", sa.String(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("qn", sa.String(), nullable=False),
        sa.Column("cn", sa.String(), nullable=False),
        sa.Column("data_at", UtcTime(), nullable=True),
        sa.Column("pnum", sa.Integer(), nullable=False),
        sa.Column("pno", sa.Integer(), nullable=False),
        sa.Column("crc", sa.String(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("ahead", sa.Boolean(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("frame_id"),
    )
    op.create_index("raw_frame_mn_received", "raw_frame", ["mn", "received_at"], unique=False)
    op.create_table(
        "reading",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("measured", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.PrimaryKeyConstraint("line_id", "measured", "kind", "at"),
    )
    op.create_index("reading_line_at", "reading", ["line_id", "at"], unique=False)
