"""What the gateway stores, built from events alone: the city as it is now, and the way of every kilogram."""
