"""Road sections, rounds over them, and the headings they are judged by."""

import sqlalchemy as sa
from alembic import op

from shared.db import Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "road_section",
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("road_level", sa.SmallInteger(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("line", Json, nullable=False),
        *(sa.Column(n, sa.Double(), nullable=False) for n in ("length_m", "lon", "lat", "west", "south", "east", "north")),
        sa.PrimaryKeyConstraint("section_id"),
    )
    op.create_index("road_section_box", "road_section", ["south", "north", "west", "east"])
    op.create_index("ix_road_section_district_id", "road_section", ["district_id"])
    for table in ("route", "run", "stop"):
        op.add_column(table, sa.Column("task", sa.String(), nullable=False, server_default="collection"))
    for table in ("route_stop", "stop"):
        op.add_column(table, sa.Column("section_id", sa.String(), nullable=True))
    op.add_column("stop", sa.Column("line", Json, nullable=True))
    op.add_column("observation", sa.Column("heading_deg", sa.REAL(), nullable=True))
    only_sections = sa.text("section_id IS NOT NULL")
    columns = ["section_id", "service_day"]
    op.create_index("stop_section", "stop", columns, postgresql_where=only_sections, sqlite_where=only_sections)
