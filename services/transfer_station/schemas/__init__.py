"""Request and answer bodies of the transfer_station service: stations, their state, stock and log."""
