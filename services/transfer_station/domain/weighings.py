"""Weighings of another system, row by row: each is stored or named with its reason, and no gram is lost on the way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from services.transfer_station.domain.limits import ImportRules
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import MOST_DIGITS, MOST_PLACES, Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table
from shared.tables_in.times import moment_of
from shared.vocabulary import WasteStream

WEIGHT = "weight"
LONGEST = 200
TOO_HEAVY = 10**12
EXACT = 2 * (MOST_DIGITS + MOST_PLACES)
"""Digits: no product of a weight and its unit needs as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What a row of the file says, as text. `stream` None: the file has no such column."""

    at: str = ""
    weight: str = ""
    stream: str | None = None
    site: str = ""
    number: str = ""
    reported_on: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return self.at, self.weight, self.stream or "", self.site, self.number, self.reported_on


@dataclass(frozen=True, slots=True)
class WeighingLine:
    """`row` is 1-based without the header. `identity`: all that tells this row from another, and which repetition it is."""

    row: int
    at: datetime
    value: Decimal
    net_g: int
    stream: WasteStream | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedWeighing:
    """`value` and `unit` are the file's own; `net_g` is rounded to the gram."""

    weighing_id: str
    source: str
    row: int
    at: datetime
    stream: WasteStream | None
    load_type: str | None
    site: str | None
    number: str | None
    value: str
    unit: str
    net_g: int
    flags: tuple[str, ...]
    imported_at: datetime


@dataclass(slots=True)
class Parsed:
    rows: list[WeighingLine] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def parse(
    table: Table,
    mapping: Mapping[str, str],
    unit: str,
    zone: tzinfo,
    streams: Mapping[str, WasteStream],
    rules: ImportRules,
    asked_mark: Mark | None = None,
) -> Parsed:
    """`mapping`: our field → the file's column; `streams`: the file's word → our code. Times without a zone are of `zone`.

    Raises AmbiguousNumbers.
    """
    weight = mapping[WEIGHT]
    mark = decimal_mark(table.column(weight), weight, asked_mark)
    reader = _Reader(mark, Decimal(rules.grams_per_unit[unit]), zone, streams, rules)
    parsed = Parsed()
    for number, line in enumerate(table.rows, start=1):
        cells = Cells(**{name: text_of(line.get(column)) for name, column in mapping.items()})
        read = reader.read(number, cells, line.get(weight), table.broken.get(number))
        parsed.rows.append(read) if isinstance(read, WeighingLine) else parsed.rejected.append(read)
    return parsed


class _Reader:
    def __init__(self, mark: Mark, grams: Decimal, zone: tzinfo, streams: Mapping[str, WasteStream], rules: ImportRules) -> None:
        self._mark, self._grams = mark, grams
        self._zone, self._streams, self._rules = zone, streams, rules
        self._seen: Counter[Cells] = Counter()

    def read(self, number: int, cells: Cells, weight: object, broken: str | None) -> WeighingLine | Rejected:
        """`weight`: the cell as the file has it, a number or a text."""
        value = Decimal(0)
        try:
            if not cells.weight:
                raise BadCell("no_weight", broken or "no weight")
            value = decimal_of(weight, self._mark, "bad_weight")
            at = self._moment(cells, value, broken)
        except BadCell as error:
            return Rejected(number, error.code, str(error), value if abs(value) < TOO_HEAVY else Decimal(0))
        self._seen[cells] += 1
        with localcontext(prec=EXACT):
            net_g = int((value * self._grams).to_integral_value(ROUND_HALF_EVEN))
        return WeighingLine(
            number,
            at,
            value,
            net_g,
            self._streams.get(cells.stream or ""),
            cells.stream or None,
            cells.site or None,
            cells.number or None,
            self._flags(cells, at, net_g, self._seen[cells]),
            (*cells.texts, str(self._seen[cells])),
        )

    def _moment(self, cells: Cells, value: Decimal, broken: str | None) -> datetime:
        """When it was weighed. Raises BadCell for whatever else is wrong with the row."""
        if broken is not None:
            raise BadCell("bad_row", broken)
        if value >= TOO_HEAVY:
            raise BadCell("bad_weight", "is more than any scale shows")
        if value <= 0:
            raise BadCell("weight_not_positive", f"weight {value} is not above zero")
        at = moment_of(cells.at, self._zone)
        if any(len(text) > LONGEST or not text.isprintable() for text in cells.texts):
            raise BadCell("bad_text", f"a text is longer than {LONGEST} or holds control characters")
        return at

    def _flags(self, cells: Cells, at: datetime, net_g: int, times: int) -> tuple[str, ...]:
        reported = self._reported(cells.reported_on)
        far = reported is not None and abs(reported - at) > timedelta(days=self._rules.far_days)
        holds = {
            "outlier": net_g > self._rules.outlier_kg * 1000,
            "repeated": times > 1,
            "far_from_report": far,
            "stream_unknown": cells.stream is not None and cells.stream not in self._streams,
        }
        return tuple(name for name, is_so in holds.items() if is_so)

    def _reported(self, text: str) -> datetime | None:
        try:
            return moment_of(text, self._zone)
        except BadCell:
            return None
