"""Request and answer bodies of the evaluation service."""
