"""Dispatch orders: what was said of them, and what it comes to."""
