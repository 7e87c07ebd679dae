"""First tables; positions partitioned by day from the beginning, with a default for days outside the window."""

from alembic import op

from services.vehicle.tables import VehicleTable
from shared.migrations import create, create_shared_tables, is_postgres

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    create(*VehicleTable.metadata.sorted_tables)
    if is_postgres():
        op.execute("CREATE TABLE position_default PARTITION OF position DEFAULT")
