"""Where drivers reported from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("lon", "lat"):
        op.add_column("driver_report", sa.Column(name, sa.Double(), nullable=True))
