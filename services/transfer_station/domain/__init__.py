"""Pure rules of the transfer_station service: values in, values out. No clock, no database, no bus."""
