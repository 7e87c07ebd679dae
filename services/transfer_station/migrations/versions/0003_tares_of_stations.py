"""A tare that an operator of some stations registered holds at these; null: everywhere, as all did before."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("tare", sa.Column("station_ids", Json, nullable=True))
