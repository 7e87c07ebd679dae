"""How a timetable file writes its numbers and times: decided for each column as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.route.domain import cells
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.rows import FileColumns
from shared.tables_in.coordinates import MOST_LON
from shared.tables_in.decimals import Mark, decimal_mark
from shared.tables_in.table import Table
from shared.tables_in.times import are_compact

TIMES = ("time", "window_start", "window_end")
NUMBERS = ("lon", "lat", "expected_kg", "seq")


@dataclass(frozen=True, slots=True)
class Notation:
    """`marks`: before the decimals of each numeric field; `compact_times`: without a colon."""

    marks: Mapping[str, Mark]
    compact_times: bool


def notation_of(table: Table, columns: FileColumns, limits: ImportLimits, asked: Mark | None) -> Notation:
    """Raises AmbiguousNumbers."""
    largest = {"lon": MOST_LON, "lat": MOST_LON, "expected_kg": limits.expected_kg_max, "seq": cells.MOST_SEQ}
    marks = {}
    for target in NUMBERS:
        numbers = map(cells.without_unit, columns.cells(table, target))
        marks[target] = decimal_mark(numbers, columns.names.get(target, target), asked, largest[target])
    return Notation(marks, any(are_compact(columns.cells(table, target)) for target in TIMES))
