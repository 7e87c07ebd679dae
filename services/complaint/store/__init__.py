"""Every query of the complaint service, by what it is about."""
