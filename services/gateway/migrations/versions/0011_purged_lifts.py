"""Up to when a truck's lifts were purged: what is told again of that time is in the flows already."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from shared.clock import now
from shared.db import UtcTime

revision = "0011"
down_revision = "0010"

KEPT = timedelta(days=100)
"""How long lifts have been kept until this revision."""


def upgrade() -> None:
    for name in ("lifts_purged_before", "lifts_resent_at"):
        op.add_column("city_vehicle", sa.Column(name, UtcTime(), nullable=True))
    vehicle = sa.table("city_vehicle", sa.column("lifts_purged_before", UtcTime()))
    op.execute(vehicle.update().values(lifts_purged_before=now() - KEPT))
