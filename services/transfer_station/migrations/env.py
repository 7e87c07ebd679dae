from services.transfer_station.tables import StationTable
from shared.migrations import run

run(StationTable.metadata)
