"""Use cases of the transfer_station service; one function is one transaction's work."""
