"""What is taken in, how much of it, and what the public sees of it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRules(Version):
    """`boxes`: west, south, east, north of where complaints may lie, WGS-84. Contact data is kept `contact_days` after the case
    was closed. `public_decimals`: of degrees on the public map (4: about 10 m)."""

    boxes: Sequence[Sequence[float]]
    per_address_minute: int
    per_address_day: int
    most_characters: int
    most_photos: int
    contact_days: int
    public_decimals: int
    public_text: bool
    duplicate_metres: float
    duplicate_hours: float
    duplicate_likeness: float
    repeat_cases: int
    hot_spot_cases: int
    evidence_hours: float
    """How far back from the report the city's own record is asked."""
    search_cases: int


def is_within(lon: float, lat: float, boxes: Iterable[Sequence[float]]) -> bool:
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in boxes)


def cleaned_text(text: str) -> str:
    """Line ends as \\n, blanks around it taken off; ValueError for control characters, which no text has and XML cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise ValueError("control characters are not allowed")
        if character in "\ufffe\uffff":
            raise ValueError("this is no character")
    return text


PERSONAL = (
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),
    re.compile(r"(?<![\d-])(?:\+?\d[\d -]{5,}\d)(?!\d)"),
)
"""Mail addresses, identity card numbers, phone numbers."""


def without_personal(text: str) -> str:
    """A text for the public: numbers and addresses that reach a person are covered."""
    for pattern in PERSONAL:
        text = pattern.sub("***", text)
    return text


def masked(value: str) -> str:
    """`13912345678` → `139****5678`, `张三丰` → `张**`."""
    if len(value) >= 7:  # noqa: PLR2004 - enough to leave three before and four behind
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}" if len(value) > 7 else f"{value[:3]}****"  # noqa: PLR2004
    return value[:1] + "*" * (len(value) - 1)
