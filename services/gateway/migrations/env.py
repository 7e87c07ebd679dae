# A table is known once its module is imported.
from services.gateway.tables import city, cleanliness, weighed  # noqa: F401
from services.gateway.tables.base import GatewayTable
from shared.migrations import run

run(GatewayTable.metadata)
