"""Weighings of another system, row by row: each is stored or named with its reason, and no gram is lost on the way."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext

from services.transfer_station.rules.limits import ImportRules

FIELDS = ("at", "weight", "stream", "site", "number", "reported_on")
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_DIGITS, MOST_PLACES, LONGEST = 12, 9, 200
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """`row` is 1-based without the header. `identity`: all that tells this row from another, and which repetition it is."""

    row: int
    at: datetime
    value: Decimal
    net_g: int
    stream: str | None
    load_type: str | None
    site: str | None
    number: str | None
    flags: tuple[str, ...]
    identity: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    row: int
    code: str
    detail: str
    value: Decimal = Decimal(0)
    """What it weighed, if that could be read: sums must be traceable."""


@dataclass(slots=True)
class Parsed:
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def parse(
    lines: Iterable[Mapping[str, str]], mapping: Mapping[str, str], unit: str, zone: tzinfo, streams: Mapping[str, str],
    rules: ImportRules,
) -> Parsed:  # fmt: skip
    """`mapping`: our field → the file's column; `streams`: the file's word → our code. Times without a zone are of `zone`."""
    reader = _Reader(mapping, Decimal(rules.grams_per_unit[unit]), zone, streams, rules)
    parsed = Parsed()
    for number, line in enumerate(lines, start=1):
        read = reader.read(number, line)
        parsed.rows.append(read) if isinstance(read, Row) else parsed.rejected.append(read)
    return parsed


class _Reader:
    def __init__(
        self, mapping: Mapping[str, str], grams: Decimal, zone: tzinfo, streams: Mapping[str, str], rules: ImportRules
    ) -> None:
        self._mapping, self._grams, self._zone, self._streams, self._rules = mapping, grams, zone, streams, rules
        self._seen: Counter[tuple[str, ...]] = Counter()

    def read(self, number: int, line: Mapping[str, str]) -> Row | Rejected:
        cells = {name: (line.get(column) or "").strip() for name, column in self._mapping.items()}
        value = _decimal(cells["weight"])
        if value is None:
            blank = not cells["weight"]
            return Rejected(number, "no_weight" if blank else "bad_weight", "no weight" if blank else "the weight is no number")
        if value <= 0:
            return Rejected(number, "weight_not_positive", f"weight {value} is not above zero", value)
        at = moment(cells["at"], self._zone)
        if at is None:
            return Rejected(number, "bad_time", "the time cannot be read", value)
        if any(len(cell) > LONGEST or not cell.isprintable() for cell in cells.values()):
            return Rejected(number, "bad_text", f"a text is longer than {LONGEST} or holds control characters", value)
        said = tuple(cells.get(name, "") for name in FIELDS)
        self._seen[said] += 1
        with localcontext(prec=2 * (MOST_DIGITS + MOST_PLACES)):
            net_g = int((value * self._grams).to_integral_value(ROUND_HALF_EVEN))
        load_type = cells.get("stream") or None
        return Row(
            number, at, value, net_g, self._streams.get(load_type or ""), load_type, cells.get("site") or None,
            cells.get("number") or None, self._flags(cells, at, net_g, self._seen[said]), (*said, str(self._seen[said])),
        )  # fmt: skip

    def _flags(self, cells: Mapping[str, str], at: datetime, net_g: int, times: int) -> tuple[str, ...]:
        reported = moment(cells.get("reported_on", ""), self._zone)
        far = reported is not None and abs(reported - at) > timedelta(days=self._rules.far_days)
        found = {
            "outlier": net_g > self._rules.outlier_kg * 1000, "repeated": times > 1, "far_from_report": far,
            "stream_unknown": "stream" in cells and cells["stream"] not in self._streams,
        }  # fmt: skip
        return tuple(name for name, holds in found.items() if holds)


def _decimal(text: str) -> Decimal | None:
    """A plain number; one with an exponent, or longer than any scale shows, is none."""
    text = text.replace(",", "")
    if not NUMBER.fullmatch(text) or not text.isascii():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    whole, _, places = text.lstrip("+-").partition(".")
    return value if len(whole) <= MOST_DIGITS and len(places) <= MOST_PLACES else None


def moment(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601, also with a trailing ` UTC`; without a zone it is of `zone`."""
    try:
        at = datetime.fromisoformat(re.sub(r"\s*(UTC|Z)$", "+00:00", text))
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if FIRST <= at < LAST else None
