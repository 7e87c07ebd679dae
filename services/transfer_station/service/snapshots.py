"""What the transfer stations publish again for a consumer that has lost its own copy."""

from services.transfer_station.store.stations import ALARM
from services.transfer_station.store.stock import DAY, HAUL, STOCK
from services.transfer_station.store.tickets import TICKET
from shared.events.transfer_station import (
    HaulChanged,
    StationAlarmChanged,
    StationDayChanged,
    StorageChanged,
    WeighbridgeTicketChanged,
)
from shared.snapshots import of_rows

SNAPSHOTS = (
    of_rows(WeighbridgeTicketChanged, TICKET),
    of_rows(HaulChanged, HAUL),
    of_rows(StationAlarmChanged, ALARM),
    of_rows(StorageChanged, STOCK),
    of_rows(StationDayChanged, DAY),
)
