"""Endpoints of the evaluation service."""
