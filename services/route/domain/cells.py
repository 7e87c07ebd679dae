"""From one cell of a timetable to one value, or to the reason why not."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.weekdays import weekdays_of
from shared.tables_in.cells import BadCell

MOST_SEQ = 999_999
"""Six digits keep a stop's id short."""
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_WEIGHT_UNIT = re.compile(r"\s*(kg|kgs|公斤|千克)$", re.IGNORECASE)


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def derived_id(text: str) -> str:
    """An id for a key that is none in our alphabet (七股-1): always the same one for the same key."""
    return "x" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def seq_of(number: Decimal) -> int:
    if number != int(number) or not 0 <= number <= MOST_SEQ:
        raise BadCell("bad_sequence", f"not a whole number from 0 to {MOST_SEQ}")
    return int(number)


def days_of(text: str) -> frozenset[int]:
    try:
        return weekdays_of(text)
    except ValueError as error:
        raise BadCell("bad_weekdays", "not a list of weekdays") from error


def date_of(text: str) -> date:
    """2026-11-16, 2026/11/16, 2026.11.16, 2026年11月16日 or 20261116."""
    parts = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in parts.groups())) if parts else _no_date()
    except ValueError as error:
        raise BadCell("bad_date", "is not a date like 2026-11-16") from error


def _no_date() -> date:
    raise ValueError("no date")


def without_unit(cell: Any) -> Any:
    """120kg is 120."""
    return _WEIGHT_UNIT.sub("", cell) if isinstance(cell, str) else cell


def kg_of(weight_kg: Decimal, limits: ImportLimits) -> int:
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
