"""The index and its observations, inspections, contractors' accounts, evaluators."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "area",
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("area_id"),
    )
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "contract",
        sa.Column("contract_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("area_ids", Json, nullable=False),
        sa.Column("fee_month_fen", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id"),
    )
    op.create_index("contract_contractor", "contract", ["contractor_id"], unique=False)
    op.create_table(
        "contract_fact",
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("applies", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("area_id", sa.String(), nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.PrimaryKeyConstraint("fact"),
    )
    op.create_index("contract_fact_truck", "contract_fact", ["vehicle_id"], unique=False)
    op.create_index("contract_fact_whose", "contract_fact", ["contractor_id", "day"], unique=False)
    op.create_table(
        "contract_truck",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id", "revision"),
    )
    op.create_table(
        "deduction",
        sa.Column("deduction_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rules_from", sa.Date(), nullable=False),
        sa.Column("points_e2", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("appeal", Json, nullable=True),
        sa.Column("arose_at", UtcTime(), nullable=False),
        sa.Column("appeal_until", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("deduction_id"),
    )
    op.create_index("deduction_fact", "deduction", ["fact"], unique=False)
    op.create_index("deduction_month", "deduction", ["contract_id", "month"], unique=False)
    op.create_table(
        "deduction_event",
        sa.Column("deduction_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("deduction_id", "revision"),
    )
    op.create_table(
        "evaluator",
        sa.Column("evaluator_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("evaluator_id"),
        sa.UniqueConstraint("token_id"),
    )
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.String(), nullable=False),
        sa.Column("place_id", sa.String(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("matter_code", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("mended_at", UtcTime(), nullable=True),
        sa.Column("checked_at", UtcTime(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("history", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id"),
    )
    op.create_index(
        "finding_due",
        "finding",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("NOT judged"),
        sqlite_where=sa.text("NOT judged"),
    )
    op.create_index("finding_found", "finding", ["found_at", "finding_id"], unique=False)
    op.create_index("finding_inspection", "finding", ["inspection_id"], unique=False)
    op.create_index("finding_place", "finding", ["place_id"], unique=False)
    op.create_table(
        "finding_photo",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("photo_id", sa.String(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id", "photo_id"),
    )
    op.create_table(
        "index_appeal",
        sa.Column("appeal_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("filed_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("appeal_id"),
    )
    op.create_table(
        "inspection",
        sa.Column("inspection_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("evaluator_id", sa.String(), nullable=True),
        sa.Column("batch_sha256", sa.String(), nullable=True),
        sa.Column("plan_id", sa.String(), nullable=True),
        sa.Column("place_id", sa.String(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("checklist", sa.String(), nullable=False),
        sa.Column("rules_from", sa.Date(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("notes", Json, nullable=False),
        sa.Column("score_e4", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("voided_at", UtcTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("inspection_id"),
    )
    op.create_index("inspection_at", "inspection", ["at", "inspection_id"], unique=False)
    op.create_index("inspection_place", "inspection", ["place_id", "at"], unique=False)
    op.create_table(
        "kind_sum",
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "area_id", "kind"),
    )
    op.create_table(
        "observation",
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("gone_seq", sa.BigInteger(), nullable=True),
        sa.Column("observation_id", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("value_e4", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("href", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("fact", "kind", "seq"),
    )
    op.create_index("observation_area", "observation", ["period", "area_id", "seq"], unique=False)
    answers = sa.text("kind = 'satisfaction' AND gone_seq IS NULL")
    op.create_index("observation_survey", "observation", ["href"], postgresql_where=answers, sqlite_where=answers)
    op.create_index(
        "observation_current",
        "observation",
        ["fact"],
        unique=False,
        postgresql_where=sa.text("gone_seq IS NULL"),
        sqlite_where=sa.text("gone_seq IS NULL"),
    )
    op.create_index("observation_id", "observation", ["observation_id"], unique=False)
    op.create_table(
        "place",
        sa.Column("place_id", sa.String(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("place_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("facilities", Json, nullable=False),
        sa.Column("service_point_ids", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("place_id"),
    )
    op.create_index("place_area", "place", ["area_id", "place_type"], unique=False)
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("per_type", Json, nullable=False),
        sa.Column("inspectors", Json, nullable=False),
        sa.Column("drawn_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_table(
        "plan_item",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("place_id", sa.String(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("place_type", sa.String(), nullable=False),
        sa.Column("inspector", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "place_id"),
    )
    op.create_table(
        "publication",
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("as_of_seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.Column("appeal_until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("level", "period", "revision"),
    )
    op.create_index("publication_number", "publication", ["number"], unique=True)
    op.create_table(
        "published_row",
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("row", Json, nullable=False),
        sa.PrimaryKeyConstraint("level", "period", "revision", "position"),
    )
    op.create_index("published_area", "published_row", ["area_id", "period", "revision"], unique=False)
    op.create_table(
        "read_count",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("minute", UtcTime(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "minute"),
    )
    op.create_table(
        "statement",
        sa.Column("contract_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "month", "revision"),
    )
