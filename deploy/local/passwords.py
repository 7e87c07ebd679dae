"""Passwords that are made here and kept in files only their owner can read."""

import secrets
from pathlib import Path

from shared.files import create_private


def kept_password(path: Path) -> str:
    """The password in the file; a new one when there is none yet."""
    if not path.exists():
        create_private(path, secrets.token_urlsafe(24).encode())
    return path.read_text().strip()
