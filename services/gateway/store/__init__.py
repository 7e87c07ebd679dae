"""Every query of the gateway."""
