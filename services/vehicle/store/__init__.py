"""Every query of this service, a file per noun."""
