"""Use cases of the incinerator service."""
