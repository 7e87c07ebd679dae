"""Endpoints of the complaint service: `/v1` for the desks, `/open311` for citizens and their clients."""
