"""How clean the city was found: index, findings of inspections, deductions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "city_index",
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("level", "period", "area_id"),
    )
    op.create_table(
        "city_inspection_finding",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id"),
    )
    op.create_index("city_inspection_finding_status", "city_inspection_finding", ["status", "area_id"])
    op.create_table(
        "city_deduction",
        sa.Column("deduction_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("points_e2", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("deduction_id"),
    )
    op.create_index("city_deduction_month", "city_deduction", ["month", "contractor_id"])
