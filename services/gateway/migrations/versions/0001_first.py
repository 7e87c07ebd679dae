"""First tables of the read model."""

from services.gateway.tables import GatewayTable
from shared.migrations import create, create_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_shared_tables()
    create(*GatewayTable.metadata.sorted_tables)
