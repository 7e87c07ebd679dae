"""Request and answer bodies of the incinerator service."""
