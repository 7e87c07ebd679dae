"""The synthetic city of the demo; no real estate, truck or person is in it."""
