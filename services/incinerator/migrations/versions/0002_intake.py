"""Weighbridge tickets, hauls, ledgers, quotas, imported tonnage."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:

    op.create_table(
        "dispatch_plan",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("loads", Json, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "haul",
        sa.Column("haul_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("seal_number", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("destination_plant_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("haul_id"),
    )
    op.create_index("haul_seal", "haul", ["seal_number"], unique=False)
    op.create_index("haul_vehicle", "haul", ["vehicle_id"], unique=False)
    op.create_table(
        "intake_revision",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("ticket", Json, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "revision"),
    )
    op.create_table(
        "intake_ticket",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("seal_number", sa.String(), nullable=True),
        sa.Column("haul_id", sa.String(), nullable=True),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("gross_kg", sa.Integer(), nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=True),
        sa.Column("net_kg", sa.Integer(), nullable=True),
        sa.Column("net_difference_kg", sa.Integer(), nullable=True),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_index("intake_ticket_plant_arrived", "intake_ticket", ["plant_id", "arrived_at", "ticket_id"], unique=False)
    op.create_index("intake_ticket_seal", "intake_ticket", ["seal_number"], unique=False)
    op.create_table(
        "ledger_day",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("intake_kg", sa.BigInteger(), nullable=False),
        sa.Column("fed_kg", sa.BigInteger(), nullable=False),
        sa.Column("correction_kg", sa.BigInteger(), nullable=False),
        sa.Column("bunker_kg", sa.BigInteger(), nullable=False),
        sa.Column("slag_kg", sa.BigInteger(), nullable=False),
        sa.Column("fly_ash_kg", sa.BigInteger(), nullable=False),
        sa.Column("leachate_kg", sa.BigInteger(), nullable=False),
        sa.Column("power_kwh", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "day"),
    )
    op.create_table(
        "plant_entry",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "entry_id"),
    )
    op.create_index("plant_entry_day", "plant_entry", ["plant_id", "day"], unique=False)
    op.create_table(
        "quota",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("kg_a_day", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id"),
    )
    op.create_table(
        "tonnage",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("as_given", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "district", "month", "material"),
    )
