"""First tables of the route service."""

from alembic import op

from services.route.tables import RouteTable
from shared.migrations import create, create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    create(*RouteTable.metadata.sorted_tables)
    op.execute("INSERT INTO plan_version (id, version) VALUES (1, 1)")
