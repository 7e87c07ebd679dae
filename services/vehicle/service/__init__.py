"""Use cases of the vehicle service; one function is one transaction's work."""
