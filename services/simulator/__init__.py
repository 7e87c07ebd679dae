"""A city of simulated onboard units; they know the public HTTP API only."""
