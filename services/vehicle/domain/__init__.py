"""Pure rules of the vehicle service: values in, values out. No clock, no database, no bus."""
