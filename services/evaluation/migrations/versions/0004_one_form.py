"""One form for all databases: the first revision was changed after databases had been made by it.

Those of its first day lack the columns and the index that came later; those of its last day have the tables of the second
revision already, and `env.py` passes over that one. Whatever is missing is made here.
"""

import sqlalchemy as sa
from alembic import op

from shared.db import Json, UtcTime

revision = "0004"
down_revision = "0003"

CARD_COMPLAINT = (
    sa.Column("complaint_id", sa.String(), nullable=False),
    sa.Column("revision", sa.BigInteger(), nullable=False),
    sa.Column("category", sa.String(), nullable=False),
    sa.Column("status", sa.String(), nullable=False),
    sa.Column("open", sa.Boolean(), nullable=False),
    sa.Column("overdue", sa.Boolean(), nullable=False),
    sa.Column("requested_at", UtcTime(), nullable=False),
    sa.Column("lon", sa.Double(), nullable=False),
    sa.Column("lat", sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint("complaint_id"),
)
CARD_STOP = (
    sa.Column("stop_id", sa.String(), nullable=False),
    sa.Column("service_point_id", sa.String(), nullable=False),
    sa.Column("service_day", sa.Date(), nullable=False),
    sa.Column("stream", sa.String(), nullable=False),
    sa.Column("verdict", sa.String(), nullable=False),
    sa.Column("net_kg", sa.Integer(), nullable=False),
    sa.Column("shared", sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint("stop_id"),
)
REFERENCE_RATING = (
    sa.Column("source", sa.String(), nullable=False),
    sa.Column("area", sa.String(), nullable=False),
    sa.Column("month", sa.Date(), nullable=False),
    *(
        sa.Column(f"{figure}{of}", sa.Integer(), nullable=True)
        for of in ("", "_previous_month", "_previous_quarter", "_previous_year")
        for figure in ("streets", "sidewalks")
    ),
    sa.PrimaryKeyConstraint("source", "area", "month"),
)


def upgrade() -> None:
    op.create_table("card_complaint", *CARD_COMPLAINT, if_not_exists=True)
    op.create_index("card_complaint_place", "card_complaint", ["lat", "lon"], if_not_exists=True)
    op.create_table("card_stop", *CARD_STOP, if_not_exists=True)
    op.create_index("card_stop_point", "card_stop", ["service_point_id", "service_day"], if_not_exists=True)
    op.create_table("reference_rating", *REFERENCE_RATING, if_not_exists=True)
    answers = sa.text("kind = 'satisfaction' AND gone_seq IS NULL")
    op.create_index(
        "observation_survey", "observation", ["href"], postgresql_where=answers, sqlite_where=answers, if_not_exists=True
    )
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("place")}
    for name in ("facilities", "service_point_ids"):
        if name not in known:
            _add_list("place", name)


def _add_list(table: str, name: str) -> None:
    """A column of lists, empty in the rows that are there."""
    op.add_column(table, sa.Column(name, Json, nullable=True))
    op.execute(sa.text(f"UPDATE {table} SET {name} = '[]'"))  # noqa: S608 - names of our own
    with op.batch_alter_table(table) as changed:
        changed.alter_column(name, existing_type=Json, nullable=False)
