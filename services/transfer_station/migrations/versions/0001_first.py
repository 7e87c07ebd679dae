"""Stations, weighbridge tickets, stock, hauls, alarms, log, imported weighings."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime
from shared.migrations import create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    op.create_table(
        "gate_minute",
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("minute", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "vehicle_id", "minute"),
    )
    op.create_index("gate_minute_at", "gate_minute", ["station_id", "minute"])
    op.create_table(
        "haul",
        sa.Column("haul_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("container_id", sa.String(), nullable=False),
        sa.Column("seal_number", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("origins", Json, nullable=False),
        sa.Column("destination_plant_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sealed_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("haul_id"),
    )
    op.create_index("haul_left", "haul", ["left_at", "haul_id"])
    op.create_index("haul_of_stock", "haul", ["station_id", "stream", "left_at"])
    op.create_table(
        "log_entry",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("log_entry_at", "log_entry", ["station_id", "at"])
    op.create_table(
        "movement",
        sa.Column("movement_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("movement_id"),
    )
    op.create_index("movement_of_stock", "movement", ["station_id", "stream", "at"])
    op.create_table(
        "seal",
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("container_id", sa.String(), nullable=False),
        sa.Column("seal_number", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("sealed_at", UtcTime(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "container_id", "seal_number"),
    )
    op.create_table(
        "station",
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("gate", Json, nullable=True),
        sa.Column("gate_radius_m", sa.Double(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("capacity_kg", Json, nullable=False),
        sa.Column("bays", Json, nullable=False),
        sa.Column("compactors", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("station_id"),
    )
    op.create_table(
        "station_alarm",
        sa.Column("alarm_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=True),
        sa.Column("bay_id", sa.String(), nullable=True),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("limit", sa.Double(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("alarm_id"),
    )
    op.create_index("station_alarm_opened", "station_alarm", ["opened_at", "alarm_id"])
    op.create_index("station_alarm_subject", "station_alarm", ["subject", "status"])
    op.create_table(
        "stock",
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("stored_kg", sa.BigInteger(), nullable=False),
        sa.Column("capacity_kg", sa.BigInteger(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("moved_from", UtcTime(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "stream"),
    )
    op.create_table(
        "stock_day",
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opening_kg", sa.BigInteger(), nullable=False),
        sa.Column("in_kg", sa.BigInteger(), nullable=False),
        sa.Column("out_kg", sa.BigInteger(), nullable=False),
        sa.Column("lost_kg", Json, nullable=False),
        sa.Column("closing_kg", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "stream", "day"),
    )
    op.create_table(
        "stock_entry",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("stock_entry_at", "stock_entry", ["station_id", "stream", "at"])
    op.create_table(
        "tare",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("weighed_at", UtcTime(), nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "weighed_at"),
    )
    op.create_table(
        "ticket",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("given_vehicle_id", sa.String(), nullable=True),
        sa.Column("given_district_id", sa.String(), nullable=True),
        sa.Column("said_plate", sa.String(), nullable=False),
        sa.Column("said_plate_key", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("matched_by", sa.String(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("plate_key", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("gross_kg", sa.Integer(), nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=True),
        sa.Column("net_kg", sa.Integer(), nullable=True),
        sa.Column("tare_source", sa.String(), nullable=True),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("scale_in_id", sa.String(), nullable=True),
        sa.Column("scale_out_id", sa.String(), nullable=True),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("weighed_in_at", UtcTime(), nullable=False),
        sa.Column("bay_id", sa.String(), nullable=True),
        sa.Column("bay_at", UtcTime(), nullable=True),
        sa.Column("weighed_out_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("voided_at", UtcTime(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_index("ticket_in", "ticket", ["weighed_in_at", "ticket_id"])
    op.create_index("ticket_plate", "ticket", ["said_plate_key", "weighed_in_at"])
    op.create_index("ticket_station_in", "ticket", ["station_id", "weighed_in_at"])
    op.create_index("ticket_vehicle", "ticket", ["vehicle_id", "weighed_in_at"])
    op.create_table(
        "ticket_revision",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("ticket", Json, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "revision"),
    )
    op.create_table(
        "truck",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("plate_key", sa.String(), nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("waste_streams", Json, nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "revision"),
    )
    op.create_index("truck_plate", "truck", ["plate_key"])
    op.create_table(
        "weighing",
        sa.Column("weighing_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("stream", sa.String(), nullable=True),
        sa.Column("load_type", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("flags", Json, nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("weighing_id"),
    )
    op.create_index("weighing_at", "weighing", ["at", "weighing_id"])
