from services.gateway.tables import GatewayTable
from shared.migrations import run

run(GatewayTable.metadata)
