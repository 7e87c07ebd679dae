"""Complaints, their history, clocks, contacts, photos, what they rest on."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables, is_postgres

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "case_clock",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("limit_seconds", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("rules_from", sa.Date(), nullable=False),
        sa.Column("pauses", Json, nullable=False),
        sa.Column("yellow_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("stopped_at", UtcTime(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "kind", "round"),
    )
    op.create_index(
        "clock_running",
        "case_clock",
        ["due_at"],
        postgresql_where=sa.text("stopped_at IS NULL"),
        sqlite_where=sa.text("stopped_at IS NULL"),
    )
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("clocks", Json, nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq"),
    )
    op.create_table(
        "case_photo",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("photo_id", sa.String(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "photo_id"),
    )
    op.create_table(
        "case_stop",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "stop_id"),
    )
    op.create_index("case_of_stop", "case_stop", ["stop_id"])
    op.create_table(
        "complaint_case",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("their_category", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("matter_code", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_id", sa.String(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("before_join", sa.String(), nullable=True),
        sa.Column("main_id", sa.String(), nullable=True),
        sa.Column("handler_district_id", sa.String(), nullable=True),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("requested_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("yellow_at", UtcTime(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("pressed", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("contacted_in_time", sa.Boolean(), nullable=True),
        sa.Column("resolved_in_time", sa.Boolean(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.String(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("extension", Json, nullable=True),
        sa.Column("evidence", Json, nullable=True),
        sa.Column("evidence_at", UtcTime(), nullable=True),
        sa.Column("evidence_wanted_at", UtcTime(), nullable=True),
        sa.Column("proposed_zh", sa.Text(), nullable=True),
        sa.Column("proposed_en", sa.Text(), nullable=True),
        sa.Column("order", Json, nullable=True),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_cell", "complaint_case", ["cell", "requested_at"])
    op.create_index("case_main", "complaint_case", ["main_id"])
    op.create_index(
        "case_open_cell",
        "complaint_case",
        ["cell"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "case_open_district",
        "complaint_case",
        ["district_id", "requested_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "case_open_due",
        "complaint_case",
        ["due_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "case_open_requested",
        "complaint_case",
        ["requested_at", "case_id"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("case_requested", "complaint_case", ["requested_at", "case_id"])
    op.create_index("case_source", "complaint_case", ["source", "source_id"], unique=True)
    op.create_index("case_updated", "complaint_case", ["changed_at", "case_id"])
    op.create_index(
        "case_wants_evidence",
        "complaint_case",
        ["evidence_wanted_at"],
        postgresql_where=sa.text("evidence_wanted_at IS NOT NULL"),
        sqlite_where=sa.text("evidence_wanted_at IS NOT NULL"),
    )
    op.create_table(
        "contact",
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index("contact_case", "contact", ["case_id"])
    op.create_table(
        "contact_look",
        sa.Column("look_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("look_id"),
    )
    op.create_index("look_case", "contact_look", ["case_id", "at"])
    op.create_table(
        "own_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("said_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "report_count",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("minute", UtcTime(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "minute"),
    )
    if is_postgres():  # SQLite has no such index: a small city's search reads its newest complaints
        op.execute("CREATE INDEX case_grams ON complaint_case USING gin (string_to_array(grams, ' '))")
