"""Times as people write them: of a service day, and of the calendar."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from shared.tables_in.cells import BadCell, text_of

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_HOUR = 47
SIXTY = 60
_COLONS = str.maketrans(dict.fromkeys("∶꞉︓", ":"))
_CLOCK = re.compile(r"(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2})(?:\.0*)?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{1,2}?)(\d{2})(\d{2})?", re.ASCII)
_DIGITS = re.compile(r"\d{1,6}", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_MONTH = re.compile(r"((?:19|20|21)\d{2})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*(?:月|-\d{2}(?:[ T]00:00:00)?)?", re.ASCII)
SURE = 3
"""Digits from which a number without a colon is a time: 930 is 09:30, but 30 may be an hour or a minute."""


def are_compact(cells: Iterable[Any]) -> bool:
    """Whether a column's times are written without a colon (1630, 2411): then 5 is 00:05, whose zeros a spreadsheet ate."""
    texts = (text_of(cell) for cell in cells)
    return any(len(text) >= SURE and _DIGITS.fullmatch(text) for text in texts)


def second_of_day(cell: Any, *, compact: bool = False, latest_hour: int = MOST_HOUR) -> int:
    """Seconds after the service day's midnight: of HH:MM, HH:MM:SS, HHMM or HHMMSS; 24:00 and later are the next day.

    Raises BadCell.
    """
    plain = unicodedata.normalize("NFKC", text_of(cell)).translate(_COLONS).strip()
    clock = _CLOCK.fullmatch(plain) or _compact(plain, compact=compact)
    if clock is None:
        raise BadCell("bad_time", "not a time like 18:30, 18:30:00 or 1830")
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if hour > latest_hour or minute >= SIXTY or second >= SIXTY:
        raise BadCell("bad_time", f"not between 00:00 and {latest_hour}:59")
    return hour * 3600 + minute * 60 + second


def _compact(plain: str, *, compact: bool) -> re.Match[str] | None:
    if not _DIGITS.fullmatch(plain) or (len(plain) < SURE and not compact):
        return None
    return _COMPACT.fullmatch(plain.zfill(4 if len(plain) <= len("HHMM") else len("HHMMSS")))


def month_of(cell: Any) -> date:
    """The first day of a month: 2018-01, 2018 / 1, 2018.01, 2018年1月, or any day of it as ISO 8601. Raises BadCell."""
    month = _MONTH.fullmatch(unicodedata.normalize("NFKC", text_of(cell)).strip())
    if month is None:
        raise BadCell("bad_month", "is no month (YYYY-MM)")
    return date(int(month[1]), int(month[2]), 1)


def moment_of(cell: Any, zone: tzinfo) -> datetime:
    """A moment in UTC; one that names no zone is of `zone`. Raises BadCell."""
    at = date_and_time_of(cell)
    try:
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise BadCell("bad_time", "the time cannot be read") from error
    if not EARLIEST <= at < LATEST:
        raise BadCell("bad_time", "the time lies outside 1970-2199")
    return at


def date_and_time_of(cell: Any) -> datetime:
    """ISO 8601, also with `/`, `.` or 年月日 between year, month and day, or ` UTC` at its end; naive if it names no zone.

    Raises BadCell.
    """
    text = unicodedata.normalize("NFKC", text_of(cell)).translate(_COLONS).strip()
    text = re.sub(r"\s*(UTC|Z)$", "+00:00", text)
    day = _DAY.match(text)
    if day:
        rest = text[day.end() :].strip(" T")
        hour_first = re.match(r"\d:", rest)
        text = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}" + (f"T{'0' if hour_first else ''}{rest}" if rest else "")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCell("bad_time", "the time cannot be read") from error
