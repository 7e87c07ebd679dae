"""Request and answer bodies of the gateway."""
