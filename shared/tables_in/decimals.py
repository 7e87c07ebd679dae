"""Numbers as people write them: 1234.5, 1,234.5, 1.234,5 or 1 234,5.

Which mark stands before the decimals is decided once, by all cells of the column together, or asked for. It is never guessed
cell by cell: `12,345` alone can be two numbers.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal

from shared.tables_in.cells import BadCell, shown, text_of

Mark = Literal[".", ","]
MARKS: tuple[Mark, Mark] = (".", ",")
MOST_DIGITS, MOST_PLACES = 15, 15


def _number(mark: str, thousands: str) -> re.Pattern[str]:
    """A group of thousands never begins with 0: 0,125 is no 125. Programs write very small numbers as 5e-05."""
    tiny = r"(?:[eE](?P<tiny>-\d{1,2}))?"
    mark, thousands = re.escape(mark), re.escape(thousands)
    whole = rf"(?P<whole>[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|\d+)"
    return re.compile(rf"(?P<sign>[+-]?)(?:{whole}(?:{mark}(?P<places>\d*))?|{mark}(?P<only>\d+)){tiny}", re.ASCII)


_NUMBERS: dict[Mark, re.Pattern[str]] = {".": _number(".", ","), ",": _number(",", ".")}
_SPACED = re.compile(r"(?<=\d)[ '\u2019\u202f](?=\d{3}(?:\D|$))")
"""Marks of thousands that are nothing else: 1 234, 1'234."""


class AmbiguousNumbers(ValueError):
    """No cell of the column tells which mark stands before its decimals, or two cells tell differently."""


def decimal_mark(cells: Iterable[Any], column: str, asked: Mark | None, largest: int | None = None) -> Mark:
    """The mark before the decimals of all cells of a column: `asked` if given.

    Else that which one cell at least needs and no other cell contradicts; numbers above `largest` are none. Cells that are
    numbers already, and texts that are none, tell nothing. Raises AmbiguousNumbers, which says what to set.
    """
    if asked:
        return asked
    needs: dict[Mark, tuple[int, str]] = {}
    either: tuple[int, str] | None = None
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, str) or not ("," in cell or "." in cell or "\uff0c" in cell or "\uff0e" in cell):
            continue
        read = {mark: value for mark in MARKS if (value := _value(cell, mark, largest)) is not None}
        if len(read) == 1:
            needs.setdefault(next(iter(read)), (number, shown(cell)))
        elif read and read["."] != read[","]:
            either = either or (number, shown(cell))
    if len(needs) > 1:
        point, comma = needs["."], needs[","]
        raise AmbiguousNumbers(
            f"column {column!r}: {point[1]!r} (row {point[0]}) has a decimal point, {comma[1]!r} (row {comma[0]}) a comma; "
            'say in `decimal_mark` which holds, "." or ",": rows that do not fit are then rejected'
        )
    if needs:
        return next(iter(needs))
    if either:
        row, text = either
        raise AmbiguousNumbers(
            f"column {column!r}: {text!r} (row {row}) can be {_value(text, '.', None):f} or {_value(text, ',', None):f}, and no "
            'other cell tells; say in `decimal_mark` what stands before the decimals, "." or ","'
        )
    return "."


def decimal_of(cell: Any, mark: Mark, code: str = "bad_number") -> Decimal:
    """The number in a cell, exactly. Raises BadCell for what is none, or is longer than any instrument shows (so is 1e5)."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        cell = _written(cell)
        mark = "."
    value = _value(text_of(cell), mark, None)
    if value is None:
        raise BadCell(code, f"{shown(cell)} is not a number" if text_of(cell) else "is empty")
    return value


def _written(number: float) -> str:
    """To the 15 digits that a spreadsheet shows (0.1 + 0.2 is 0.3), without an exponent as long as that is short."""
    text = f"{number:.{MOST_DIGITS}g}" if isinstance(number, float) else str(number)
    return f"{Decimal(text):f}" if abs(number) < 10**MOST_DIGITS else text


def _value(text: str, mark: Mark, largest: int | None) -> Decimal | None:
    plain = _SPACED.sub("", unicodedata.normalize("NFKC", text).strip())
    number = _NUMBERS[mark].fullmatch(plain)
    if number is None:
        return None
    whole = re.sub(r"\D", "", number["whole"] or "0")
    places = (number["places"] or number["only"] or "").rstrip("0")
    if len(whole.lstrip("0")) > MOST_DIGITS or len(places) > MOST_PLACES:
        return None
    value = Decimal(f"{number['sign']}{whole}.{places or 0}")
    if tiny := number["tiny"]:
        value = value.scaleb(int(tiny))
    return None if largest is not None and abs(value) > largest else value
