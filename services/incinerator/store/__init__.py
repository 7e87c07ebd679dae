"""Every query of the incinerator service."""
