"""Use cases of the route service; one function is one transaction's work."""
