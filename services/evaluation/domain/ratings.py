"""Ratings that somebody else published: read out of their file, and held against their own earlier rows."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from services.evaluation.domain.index import UNIT
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.decimals import Mark, decimal_mark, decimal_of
from shared.tables_in.table import Table
from shared.tables_in.times import month_of

FIGURES = ("streets", "sidewalks")
MONTHS_BACK = {"previous_month": 1, "previous_quarter": 3, "previous_year": 12}
"""New York's "Previous Fiscal Quarter" is the figure of three months before: of no quarter's mean."""
TOLD = {f"{figure}_{name}": (figure, back) for name, back in MONTHS_BACK.items() for figure in FIGURES}
"""What a row says of earlier ones: which figure, and of how many months before."""
MONTH, AREA_COLUMN = "month", "area"
COLUMNS = (MONTH, AREA_COLUMN, *FIGURES, *TOLD)
AREA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
WHOLE = 100
ROUNDING_E4 = UNIT // WHOLE
MONTHS = 12


@dataclass(frozen=True, slots=True)
class RatingRow:
    """`number` counts from 1 below the header. `values_e4`: per cent in ten-thousandths, None where the cell is blank.
    `reason`: why nothing of it can be kept."""

    number: int
    area: str = ""
    month: date = date.min
    values_e4: Mapping[str, int | None] | None = None
    reason: str | None = None


Cells = Mapping[str, object]
"""By field, as a file has them."""


class WrongFile(ValueError):
    """Not a table with these columns."""


def rows_of(table: Table, columns: Mapping[str, str], asked_mark: Mark | None = None) -> Iterator[RatingRow]:
    """`columns`: of `COLUMNS` those that the file has, by their names there; month, area and one figure at least.

    Raises WrongFile and AmbiguousNumbers before the first row.
    """
    if wrong := columns.keys() - set(COLUMNS):
        raise WrongFile(f"no such field: {', '.join(sorted(wrong))}; fields are {', '.join(COLUMNS)}")
    if not {"month", "area"} <= columns.keys() or not columns.keys() & set(FIGURES):
        raise WrongFile("say which columns month, area and streets or sidewalks are")
    if missing := set(columns.values()) - set(table.columns):
        raise WrongFile(f"the file has no column {', '.join(sorted(missing))}")
    figures = [field for field in (*FIGURES, *TOLD) if field in columns]
    marks = {field: decimal_mark(table.column(columns[field]), columns[field], asked_mark, WHOLE) for field in figures}
    return _rows(table, columns, marks)


def _rows(table: Table, columns: Mapping[str, str], marks: Mapping[str, Mark]) -> Iterator[RatingRow]:
    for number, row in enumerate(table.rows, start=1):
        cells: dict[str, object] = {field: row.get(name) for field, name in columns.items()}
        try:
            if number in table.broken:
                raise BadCell("bad_row", table.broken[number])
            yield RatingRow(number, _area(text_of(cells[AREA_COLUMN])), _month(cells[MONTH]), _values(cells, marks))
        except ValueError as error:
            yield RatingRow(number, reason=str(error))


def _area(text: str) -> str:
    if not AREA.fullmatch(text):
        raise ValueError("the area is blank or no id")
    return text


def _month(cell: Any) -> date:
    try:
        return month_of(cell)
    except BadCell:
        raise ValueError("the month is none (YYYY-MM)") from None


def _values(cells: Cells, marks: Mapping[str, Mark]) -> dict[str, int | None]:
    return {field: _per_cent(field, cells.get(field), marks.get(field, ".")) for field in (*FIGURES, *TOLD)}


def _per_cent(field: str, cell: Any, mark: Mark) -> int | None:
    if not text_of(cell):
        return None
    try:
        scaled = decimal_of(cell, mark) * UNIT
    except BadCell:
        raise ValueError(f"{field} is no number") from None
    if not 0 <= scaled <= WHOLE * UNIT:
        raise ValueError(f"{field} is no per cent of 0 to {WHOLE}")
    if scaled != int(scaled):
        raise ValueError(f"{field} has more than four decimal places")
    return int(scaled)


Months = dict[date, Mapping[str, int | None]]
"""An area's values by column, of each month."""


class Rating(NamedTuple):
    area: str
    month: date
    values_e4: Mapping[str, int | None]


AGREES, BOTH_BLANK = "agrees", "both_blank"
DIFFERS = ("rounding", "told_blank", "earlier_blank", "other")
"""By a hundredth of a per cent; nothing is told of a figure that is there; the earlier row has no figure; anything else."""
UNCHECKED = ("before_the_file", "before_the_area", "gap")
"""There is no earlier row: the file begins later; the area does; the area has older rows, but not this one."""


class Example(NamedTuple):
    area: str
    month: date
    told_e4: int | None
    earlier_e4: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Of one column: `fates` adds up to all rows."""

    column: str
    months_back: int
    fates: Mapping[str, int]
    examples: list[Example]


def reproduce(ratings: Iterable[Rating], examples: int = 20) -> list[Reproduced]:
    """What each row tells of earlier ones, held against those rows; columns that tell nothing at all are left out."""
    by_area: dict[str, Months] = {}
    for one in ratings:
        by_area.setdefault(one.area, {})[one.month] = one.values_e4
    first = min((month for months in by_area.values() for month in months), default=date.max)
    values = [values for months in by_area.values() for values in months.values()]
    telling = [column for column in TOLD if any(one[column] is not None for one in values)]
    return [_column(column, by_area, first, examples) for column in telling]


def _column(column: str, by_area: Mapping[str, Months], first: date, examples: int) -> Reproduced:
    figure, back = TOLD[column]
    fates: Counter[str] = Counter()
    shown: list[Example] = []
    for area, months in sorted(by_area.items()):
        begins = min(months)
        for month, values in sorted(months.items()):
            then, told_e4 = earlier(month, back), values[column]
            if then not in months:
                fates["before_the_file" if then < first else "before_the_area" if then < begins else "gap"] += 1
                continue
            earlier_e4 = months[then][figure]
            why = _compared(told_e4, earlier_e4)
            fates[why] += 1
            if why in DIFFERS and len(shown) < examples:
                shown.append(Example(area, month, told_e4, earlier_e4, why))
    return Reproduced(column, back, {name: fates[name] for name in (AGREES, BOTH_BLANK, *DIFFERS, *UNCHECKED)}, shown)


def _compared(told_e4: int | None, earlier_e4: int | None) -> str:
    if told_e4 is None or earlier_e4 is None:
        return BOTH_BLANK if told_e4 == earlier_e4 else "told_blank" if told_e4 is None else "earlier_blank"
    return AGREES if told_e4 == earlier_e4 else "rounding" if abs(told_e4 - earlier_e4) <= ROUNDING_E4 else "other"


def earlier(month: date, back: int) -> date:
    whole = month.year * MONTHS + month.month - 1 - back
    return date(whole // MONTHS, whole % MONTHS + 1, 1)
