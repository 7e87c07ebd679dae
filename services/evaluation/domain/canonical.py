"""One way to write a document down, so that the same content is the same bytes and the same hash everywhere."""

import hashlib
import json
from dataclasses import asdict, is_dataclass
from typing import Any


def written(document: Any) -> str:
    """JSON with sorted names, no spaces, UTF-8, of a dictionary or a frozen type; numbers that are not whole must be text."""
    document = asdict(document) if is_dataclass(document) and not isinstance(document, type) else document
    _refuse_floats(document)
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float is written differently by different programs; use text")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        _refuse_floats(inner)
