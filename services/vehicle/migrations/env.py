# A table is known once its module is imported.
from services.vehicle.tables import alerts, geofences, orders, reports, telemetry, vehicles  # noqa: F401
from services.vehicle.tables.base import VehicleTable
from shared.migrations import run

run(VehicleTable.metadata)
