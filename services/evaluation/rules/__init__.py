"""Pure rules of the evaluation service."""
