"""How far ahead of ours a service's clock is; fixes of long ago, which nobody believes any more, show no truck there."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from shared.clock import now
from shared.db import UtcTime

revision = "0009"
down_revision = "0008"

DAYS = 7000
"""Older than this on arrival nothing is believed, as of this revision."""


def upgrade() -> None:
    op.add_column("city_part", sa.Column("ahead_seconds", sa.Integer(), nullable=False, server_default="0"))
    names = ("last_at", "lon", "lat", "speed_kmh", "heading_deg", "ignition")
    vehicle = sa.table("city_vehicle", sa.column("last_at", UtcTime()), *(sa.column(name) for name in names[1:]))
    long_past = vehicle.c.last_at < now() - timedelta(days=DAYS)
    op.execute(sa.update(vehicle).where(long_past).values(dict.fromkeys(names, sa.null())))
