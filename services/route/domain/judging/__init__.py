"""What became of the stops of a vehicle-day: facts, visits, verdicts."""
