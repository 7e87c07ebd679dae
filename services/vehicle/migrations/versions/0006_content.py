"""Different records of one moment are all kept; times that are too old to be believed move nothing.

`ordinal` joins the key of positions, what a load says joins the key of loads. Fixes of a receiver whose week number rolled over
were believed until now: they get their flag, and the state that they made is forgotten.
"""

import sqlalchemy as sa
from alembic import op

from shared.db import UtcTime
from shared.migrations import is_postgres, rebuild_table

revision = "0006"
down_revision = "0005"

DAYS = 7000
PAST_TIME = 64
"""The limit and the flag's bit as they are at this revision."""
FORGOTTEN = ("last_at", "lon", "lat", "speed_kmh", "heading_deg", "ignition", "received_at", "silence_judged_at", "motion")


def upgrade() -> None:
    op.add_column("driver_report", sa.Column("flags", sa.Integer(), nullable=False, server_default="0"))
    if is_postgres():
        # A constant default is noted, not written into every row.
        op.add_column("position", sa.Column("ordinal", sa.SmallInteger(), nullable=False, server_default="0"))
        op.execute("ALTER TABLE position DROP CONSTRAINT position_pkey")
        op.execute("ALTER TABLE position ADD PRIMARY KEY (vehicle_id, at, ordinal)")
        op.execute("ALTER TABLE load_reading DROP CONSTRAINT load_reading_pkey")
        op.execute("ALTER TABLE load_reading ADD PRIMARY KEY (vehicle_id, at, load_kg, state)")
    else:
        _rebuild_positions()
        _rebuild_loads()
    _forget_times_long_past()


def _rebuild_positions() -> None:
    """SQLite cannot change a key in place."""
    columns = [
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("speed_kmh", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("ignition", sa.Boolean(), nullable=True),
        sa.Column("odometer_km", sa.Double(), nullable=True),
        sa.Column("satellites", sa.SmallInteger(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
    ]
    rebuild_table("position", columns, ("vehicle_id", "at", "ordinal"), new=("ordinal",))


def _rebuild_loads() -> None:
    columns = [
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("load_kg", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
    ]
    rebuild_table("load_reading", columns, ("vehicle_id", "at", "load_kg", "state"))


def _forget_times_long_past() -> None:
    seconds = DAYS * 86_400
    age = f"received_at - {{}} > interval '{seconds} seconds'" if is_postgres() else f"received_at - {{}} > {seconds}000000"
    for table in ("position", "bin_lift", "load_reading", "driver_report"):
        op.execute(f"UPDATE {table} SET flags = flags | {PAST_TIME} WHERE {age.format('at')}")  # noqa: S608 - as above
    forgotten = ", ".join(f"{name} = NULL" for name in FORGOTTEN)
    wrong = f"SELECT vehicle_id FROM vehicle_state WHERE {age.format('last_at')}"  # noqa: S608 - as above
    op.execute(f"DELETE FROM checkpoint WHERE fold = 'motion' AND vehicle_id IN ({wrong})")  # noqa: S608 - as above
    op.execute(f"UPDATE vehicle_state SET {forgotten} WHERE {age.format('last_at')}")  # noqa: S608 - as above
