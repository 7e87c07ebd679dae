"""Where drivers reported from, and what dispatchers ruled."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("lon", "lat"):
        op.add_column("driver_report", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("stop", sa.Column("ruling", Json, nullable=True))
