"""Every query of the transfer_station service, by what it is about."""
