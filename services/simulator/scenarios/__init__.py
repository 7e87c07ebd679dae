"""Days and months that are played through a city, and what must be true of them in the end."""
