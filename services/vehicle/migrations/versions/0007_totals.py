"""How many records and lifts of each vehicle are stored, and every entry that the registry had of it, from now on."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("records", "lifts"):
        op.add_column("vehicle_state", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "vehicle_revision",
        sa.Column("vehicle_id", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("waste_streams", Json, nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("registered_at", UtcTime(), nullable=False),
    )
    columns = "vehicle_id, revision, waste_streams, contractor_id, district_id, registered_at"
    op.execute(f"INSERT INTO vehicle_revision ({columns}) SELECT {columns} FROM vehicle")  # noqa: S608 - names of ours
    _count("records", "position")
    _count("records", "load_reading")
    _count("lifts", "bin_lift")


def _count(column: str, table: str) -> None:
    op.execute(
        f"UPDATE vehicle_state SET {column} = {column} + counted.n FROM"  # noqa: S608 - names of ours
        f" (SELECT vehicle_id, count(*) AS n FROM {table} GROUP BY vehicle_id) AS counted"
        " WHERE counted.vehicle_id = vehicle_state.vehicle_id"
    )
