"""Weighings of another system, row by row: each is stored or named with its reason, and no gram is lost on the way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from services.transfer_station.domain.limits import ImportRules
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import MOST_DIGITS, MOST_PLACES, Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table
from shared.tables_in.times import moment_of

FIELDS = ("at", "weight", "stream", "site", "number", "reported_on")
LONGEST = 200
TOO_HEAVY = 10**12
EXACT = 2 * (MOST_DIGITS + MOST_PLACES)
"""Digits: no product of a weight and its unit needs as many."""


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
    table: Table,
    mapping: Mapping[str, str],
    unit: str,
    zone: tzinfo,
    streams: Mapping[str, str],
    rules: ImportRules,
    asked_mark: Mark | None = None,
) -> Parsed:
    """`mapping`: our field → the file's column; `streams`: the file's word → our code. Times without a zone are of `zone`.

    Raises AmbiguousNumbers.
    """
    mark = decimal_mark(table.column(mapping["weight"]), mapping["weight"], asked_mark)
    reader = _Reader(mapping, mark, Decimal(rules.grams_per_unit[unit]), zone, streams, rules)
    parsed = Parsed()
    for number, line in enumerate(table.rows, start=1):
        read = reader.read(number, line, table.broken.get(number))
        parsed.rows.append(read) if isinstance(read, Row) else parsed.rejected.append(read)
    return parsed


class _Reader:
    def __init__(
        self, mapping: Mapping[str, str], mark: Mark, grams: Decimal, zone: tzinfo, streams: Mapping[str, str], rules: ImportRules
    ) -> None:
        self._mapping, self._mark, self._grams = mapping, mark, grams
        self._zone, self._streams, self._rules = zone, streams, rules
        self._seen: Counter[tuple[str, ...]] = Counter()

    def read(self, number: int, line: Mapping[str, Any], broken: str | None) -> Row | Rejected:
        cells = {name: text_of(line.get(column)) for name, column in self._mapping.items()}
        value = Decimal(0)
        try:
            if not cells["weight"]:
                raise BadCell("no_weight", broken or "no weight")
            value = decimal_of(line[self._mapping["weight"]], self._mark, "bad_weight")
            at = self._moment(cells, value, broken)
        except BadCell as error:
            return Rejected(number, error.code, str(error), value if abs(value) < TOO_HEAVY else Decimal(0))
        said = tuple(cells.get(name, "") for name in FIELDS)
        self._seen[said] += 1
        with localcontext(prec=EXACT):
            net_g = int((value * self._grams).to_integral_value(ROUND_HALF_EVEN))
        load_type = cells.get("stream") or None
        return Row(
            number,
            at,
            value,
            net_g,
            self._streams.get(load_type or ""),
            load_type,
            cells.get("site") or None,
            cells.get("number") or None,
            self._flags(cells, at, net_g, self._seen[said]),
            (*said, str(self._seen[said])),
        )

    def _moment(self, cells: Mapping[str, str], value: Decimal, broken: str | None) -> datetime:
        """When it was weighed. Raises BadCell for whatever else is wrong with the row."""
        if broken is not None:
            raise BadCell("bad_row", broken)
        if value >= TOO_HEAVY:
            raise BadCell("bad_weight", "is more than any scale shows")
        if value <= 0:
            raise BadCell("weight_not_positive", f"weight {value} is not above zero")
        at = moment_of(cells["at"], self._zone)
        if any(len(cell) > LONGEST or not cell.isprintable() for cell in cells.values()):
            raise BadCell("bad_text", f"a text is longer than {LONGEST} or holds control characters")
        return at

    def _flags(self, cells: Mapping[str, str], at: datetime, net_g: int, times: int) -> tuple[str, ...]:
        reported = self._reported(cells.get("reported_on", ""))
        far = reported is not None and abs(reported - at) > timedelta(days=self._rules.far_days)
        found = {
            "outlier": net_g > self._rules.outlier_kg * 1000,
            "repeated": times > 1,
            "far_from_report": far,
            "stream_unknown": "stream" in cells and cells["stream"] not in self._streams,
        }
        return tuple(name for name, holds in found.items() if holds)

    def _reported(self, text: str) -> datetime | None:
        try:
            return moment_of(text, self._zone)
        except BadCell:
            return None
