from services.vehicle.tables import VehicleTable
from shared.migrations import run

run(VehicleTable.metadata)
