"""Every query of the evaluation service."""
