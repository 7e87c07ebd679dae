# A table is known once its module is imported.
from services.transfer_station.tables import alarms, hauls, logs, stations, stock, tickets, trucks, weighings  # noqa: F401
from services.transfer_station.tables.base import StationTable
from shared.migrations import run

run(StationTable.metadata)
