from services.route.tables import RouteTable
from shared.migrations import run

run(RouteTable.metadata)
