"""From one cell of a timetable to one value, or to the reason why not."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.route.rules.limits import ImportLimits
from services.route.rules.weekdays import weekdays_of

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?")
_COLONS = str.maketrans(dict.fromkeys("∶꞉︓", ":"))
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_WEIGHT_UNIT = re.compile(r"\s*(kg|kgs|公斤|千克)$", re.IGNORECASE)


TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode's explicit directional characters (UAX 9)."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs that nobody sees, as `shared.names` has them, which rules know nothing of."""


class BadCell(ValueError):
    """A value that cannot be used: `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def text_of(value: Any) -> str:
    """A cell as text: JSON lists become `a,b`, whole floats lose their `.0`, nothing becomes an empty text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(text_of(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)


def shown(value: Any) -> str:
    """A cell for a report: short, and safe to encode even if it holds half a surrogate pair or control characters."""
    text = text_of(value)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:120])
    return safe if len(text) <= 120 else f"{safe}…"  # noqa: PLR2004 - as above


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
        elif category != "Cf" and character not in BLANK:
            kept.append(character)
    line = " ".join("".join(kept).split())
    if len(line) > max_length:
        raise BadCell("text_too_long", f"{len(line)} characters, at most {max_length} are allowed")
    if not line:
        raise BadCell("missing_value", "nothing but invisible characters")
    return line


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def derived_id(text: str) -> str:
    """An id for a key that is none in our alphabet (七股-1): always the same one for the same key."""
    return "x" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def number_of(text: str, code: str) -> float:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")  # 120,5 where the comma is the decimal point
    if _NUMBER.fullmatch(plain) is None:
        raise BadCell(code, "not a number")
    number = float(plain)
    if not math.isfinite(number):
        raise BadCell(code, "not a finite number")
    return number


def second_of(text: str, limits: ImportLimits) -> int:
    """Seconds after the service day's midnight; 24:00 and later are the next day."""
    plain = unicodedata.normalize("NFKC", text).translate(_COLONS).strip()
    match = _TIME.fullmatch(plain)
    if match is None:
        raise BadCell("bad_time", "not a time like 18:30 or 18:30:00")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > limits.latest_hour or minute > 59 or second > 59:  # noqa: PLR2004 - minutes and seconds
        raise BadCell("bad_time", f"not between 00:00 and {limits.latest_hour}:59")
    return hour * 3600 + minute * 60 + second


def seq_of(text: str) -> int:
    number = number_of(text, "bad_sequence")
    if number != int(number) or not 0 <= number < 1_000_000:  # noqa: PLR2004 - six digits keep a stop's id short
        raise BadCell("bad_sequence", "not a whole number from 0 to 999999")
    return int(number)


def days_of(text: str) -> frozenset[int]:
    try:
        return weekdays_of(text)
    except ValueError as error:
        raise BadCell("bad_weekdays", "not a list of weekdays") from error


def date_of(text: str) -> date:
    """2026-11-16, 2026/11/16, 2026.11.16, 2026年11月16日 or 20261116."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else _no_date()
    except ValueError as error:
        raise BadCell("bad_date", "is not a date like 2026-11-16") from error


def _no_date() -> date:
    raise ValueError("no date")


def kg_of(text: str, limits: ImportLimits) -> int:
    weight_kg = number_of(_WEIGHT_UNIT.sub("", text), "bad_weight")
    if not 0 <= weight_kg <= limits.expected_kg_max:
        raise BadCell("bad_weight", f"not between 0 and {limits.expected_kg_max} kg")
    return round(weight_kg)


def word_of(text: str, words: Mapping[str, list[str]], code: str) -> str:
    """The code that a city's word stands for."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    for meaning, others in words.items():
        if plain in {meaning, meaning.replace("_", " "), *(other.casefold() for other in others)}:
            return meaning
    raise BadCell(code, f"not one of {', '.join(words)}")


def coordinates_of(lon_text: str, lat_text: str) -> tuple[float, float]:
    """(lon, lat) in degrees as written, whatever their datum. Raises BadCell for what can be no place at all."""
    lon, lat = number_of(lon_text, "bad_coordinate"), number_of(lat_text, "bad_coordinate")
    if lon == 0 and lat == 0:
        raise BadCell("zero_coordinate", "longitude and latitude are both 0")
    if lon == lat:
        raise BadCell("lat_equals_lon", "latitude and longitude are the same number")
    if abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90:  # noqa: PLR2004 - degrees
        raise BadCell("lon_lat_swapped", f"latitude {lat:g} is a longitude: the two are swapped")
    if abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
        raise BadCell("coordinate_out_of_range", "not degrees of longitude (-180..180) and latitude (-90..90)")
    return lon, lat
