"""Use cases of the evaluation service: one function is one transaction's work."""
