"""Endpoints: each calls one use case and returns its answer."""
