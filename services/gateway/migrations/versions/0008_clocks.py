"""How far ahead of ours a service's clock is; no time ahead of now is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("city_part", sa.Column("ahead_seconds", sa.Integer(), nullable=False, server_default="0"))
