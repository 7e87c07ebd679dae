"""Weighings of another system, row by row: each is stored or named with its reason, and no gram is lost on the way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from services.transfer_station.rules.limits import ImportRules
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import MOST_DIGITS, MOST_PLACES, Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table
from shared.tables_in.times import moment_of

FIELDS = ("at", "weight", "stream", "site", "number", "reported_on")
LONGEST = 200
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
    table: Table, mapping: Mapping[str, str], unit: str, zone: tzinfo, streams: Mapping[str, str], rules: ImportRules,
    asked_mark: Mark | None = None,
) -> Parsed:  # fmt: skip
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
        if not cells["weight"]:
            return Rejected(number, "no_weight", broken or "no weight")
        try:
            value = decimal_of(line[self._mapping["weight"]], self._mark)
        except BadCell as error:
            return Rejected(number, "bad_weight", f"the weight {error}")
        if broken is not None:
            return Rejected(number, "bad_row", broken, value)
        if value <= 0:
            return Rejected(number, "weight_not_positive", f"weight {value} is not above zero", value)
        try:
            at = moment_of(cells["at"], self._zone)
        except BadCell as error:
            return Rejected(number, error.code, str(error), value)
        if any(len(cell) > LONGEST or not cell.isprintable() for cell in cells.values()):
            return Rejected(number, "bad_text", f"a text is longer than {LONGEST} or holds control characters", value)
        said = tuple(f"{value.normalize():f}" if name == "weight" else cells.get(name, "") for name in FIELDS)
        self._seen[said] += 1
        with localcontext(prec=EXACT):
            net_g = int((value * self._grams).to_integral_value(ROUND_HALF_EVEN))
        load_type = cells.get("stream") or None
        return Row(
            number, at, value, net_g, self._streams.get(load_type or ""), load_type, cells.get("site") or None,
            cells.get("number") or None, self._flags(cells, at, net_g, self._seen[said]), (*said, str(self._seen[said])),
        )  # fmt: skip

    def _flags(self, cells: Mapping[str, str], at: datetime, net_g: int, times: int) -> tuple[str, ...]:
        reported = self._reported(cells.get("reported_on", ""))
        far = reported is not None and abs(reported - at) > timedelta(days=self._rules.far_days)
        found = {
            "outlier": net_g > self._rules.outlier_kg * 1000, "repeated": times > 1, "far_from_report": far,
            "stream_unknown": "stream" in cells and cells["stream"] not in self._streams,
        }  # fmt: skip
        return tuple(name for name, holds in found.items() if holds)

    def _reported(self, text: str) -> datetime | None:
        try:
            return moment_of(text, self._zone)
        except BadCell:
            return None
