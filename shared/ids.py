"""The only place that makes identifiers and passwords."""

import hashlib
import os
import secrets
import time
from random import Random

_random = Random()  # noqa: S311 - for traces only


def new_id() -> str:
    """A UUIDv7 (RFC 9562 5.7): unique, and sorted by the time it was made."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def derived_id(*parts: object) -> str:
    """The same id for the same parts, so that a record sent twice is one record."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def new_password() -> str:
    """32 characters that nobody guesses and that need no quotes in an address."""
    return secrets.token_urlsafe(24)


def new_trace_id() -> str:
    """Unique, not secret: the system's own randomness would cost two calls of the kernel for every request."""
    return f"{_random.getrandbits(128):032x}"


def new_span_id() -> str:
    return f"{_random.getrandbits(64):016x}"
