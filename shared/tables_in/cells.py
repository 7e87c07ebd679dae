"""From one cell to one text, or to the reason why not."""

import json
import unicodedata
from typing import Any

from shared.names import is_invisible

TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode's explicit directional characters (UAX 9)."""
SHOWN = 120
"""Characters of a cell in a report."""


class BadCell(ValueError):
    """A value that cannot be used: `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def text_of(value: Any) -> str:
    """A cell as text: JSON lists become `a,b`, whole floats lose their `.0`, nothing becomes an empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return ",".join(text_of(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def shown(value: Any) -> str:
    """A cell for a report: short, and safe to encode even if it holds half a surrogate pair or control characters."""
    text = text_of(value)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:SHOWN])
    return safe if len(text) <= SHOWN else f"{safe}…"


def clean_text(text: str, max_length: int) -> str:
    """One printable line in its one form (NFKC): line breaks and runs of spaces become one space, invisible marks vanish.

    Raises BadCell for control characters, lone surrogates, signs of a wrong encoding, and characters that turn the writing round.
    """
    kept = []
    for character in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(character)
        if character.isspace():
            kept.append(" ")
        elif category == "Cs":
            raise BadCell("bad_text", f"half a surrogate pair (U+{ord(character):04X})")
        elif category in ("Cc", "Cn"):
            raise BadCell("bad_text", f"control or unassigned character U+{ord(character):04X}")
        elif character == "\ufffd":
            raise BadCell("bad_text", "replacement character U+FFFD: the file was read in a wrong encoding")
        elif unicodedata.bidirectional(character) in TURNING:
            raise BadCell("bad_text", f"U+{ord(character):04X} turns the writing round: what is shown is not what is stored")
        elif not is_invisible(character):
            kept.append(character)
    line = " ".join("".join(kept).split())
    if len(line) > max_length:
        raise BadCell("text_too_long", f"{len(line)} characters, at most {max_length} are allowed")
    if not line:
        raise BadCell("missing_value", "nothing but invisible characters")
    return line
