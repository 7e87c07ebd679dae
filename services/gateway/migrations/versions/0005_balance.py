"""The way of every kilogram: flows by stage, lifts, tickets, trips, hauls, scales and findings.

What was lifted moves from its own table into the flows, by day and by month.
"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "balance_due",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key"),
    )
    op.create_table(
        "city_finding",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=True),
        sa.Column("expected_kg", sa.Integer(), nullable=False),
        sa.Column("found_kg", sa.Integer(), nullable=False),
        sa.Column("difference_kg", sa.Integer(), nullable=False),
        sa.Column("tolerance_kg", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=True),
        sa.Column("likely_cause", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id"),
    )
    op.create_index("city_finding_day", "city_finding", ["day", "finding_id"])
    op.create_index("city_finding_status", "city_finding", ["status", "day"])
    op.create_table(
        "city_finding_change",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("finding", Json, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", "revision"),
    )
    op.create_table(
        "city_flow",
        sa.Column("grain", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("net_kg", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grain", "period", "stage", "stream", "district_id", "contractor_id", "site_id"),
    )
    op.create_index("city_flow_stage", "city_flow", ["stage", "grain", "period"])
    op.create_table(
        "city_haul",
        sa.Column("haul_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("seal_number", sa.String(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("origins", Json, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("haul_id"),
    )
    op.create_index("city_haul_left", "city_haul", ["status", "left_at"])
    op.create_table(
        "city_lift",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("lift_id", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "at", "lift_id"),
    )
    vague = sa.text("stream = 'unsorted' OR district_id = ''")
    op.create_index("city_lift_unlabelled", "city_lift", ["vehicle_id", "at"], sqlite_where=vague, postgresql_where=vague)
    op.create_table(
        "city_posted",
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("rows", Json, nullable=False),
        sa.PrimaryKeyConstraint("fact"),
    )
    op.create_table(
        "city_quota",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("quota_kg", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", "district_id", "stream"),
    )
    op.create_table(
        "city_scale",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("drifts", sa.Boolean(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id"),
    )
    op.create_table(
        "city_tip",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("haul_id", sa.String(), nullable=True),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=True),
        sa.Column("tare_source", sa.String(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_index("city_tip_haul", "city_tip", ["haul_id"])
    op.create_index("city_tip_site", "city_tip", ["site_id", "at"])
    op.create_index("city_tip_vehicle", "city_tip", ["vehicle_id", "at"])
    op.create_table(
        "city_trip",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("contractor_id", sa.String(), nullable=True),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_at", UtcTime(), nullable=True),
        sa.Column("tipped_at", UtcTime(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("net_kg", sa.Integer(), nullable=False),
        sa.Column("lifted_kg", sa.Integer(), nullable=False),
        sa.Column("lifts", sa.Integer(), nullable=False),
        sa.Column("lifted", Json, nullable=False),
        sa.Column("residue_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    op.create_index("city_trip_day", "city_trip", ["day"])
    op.create_index("city_trip_vehicle", "city_trip", ["vehicle_id", "tipped_at"])
    _move_lifted()
    op.drop_table("city_lifted")


def _move_lifted() -> None:
    connection = op.get_bind()
    old = sa.table("city_lifted", *(sa.column(name) for name in ("district_id", "contractor_id", "stream", "net_kg", "lifts")))
    old.append_column(sa.column("day", sa.Date))
    names = ("stream", "district_id", "contractor_id")
    kg: Counter[tuple[object, ...]] = Counter()
    lifts: Counter[tuple[object, ...]] = Counter()
    for row in connection.execute(sa.select(old)).mappings():
        for grain, period in (("day", row["day"]), ("month", row["day"].replace(day=1))):
            key = (grain, period, *(row[name] for name in names))
            kg[key] += row["net_kg"]
            lifts[key] += row["lifts"]
    columns = ("grain", "stage", *names, "site_id", "net_kg", "facts")
    flow = sa.table("city_flow", sa.column("period", sa.Date), *(sa.column(name) for name in columns))
    rows = [
        {"grain": key[0], "period": key[1], "stage": "lifted", **dict(zip(names, key[2:], strict=True)), "site_id": "",
         "net_kg": kg[key], "facts": lifts[key]}
        for key in kg
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(flow), rows)
