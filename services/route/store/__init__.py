"""Every query of the route service, by what it is about."""
