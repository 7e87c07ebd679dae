"""Request and answer bodies of the route service."""
