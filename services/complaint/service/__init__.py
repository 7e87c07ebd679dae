"""Use cases of the complaint service; one function is one transaction's work."""
