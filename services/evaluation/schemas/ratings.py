"""Bodies of ratings that others published."""

from datetime import date
from typing import Literal

from shared.bodies import Answer, Id, Name
from shared.tables_in.bodies import TableImport

RatingField = Literal[
    "month",
    "area",
    "streets",
    "sidewalks",
    "streets_previous_month",
    "sidewalks_previous_month",
    "streets_previous_quarter",
    "sidewalks_previous_quarter",
    "streets_previous_year",
    "sidewalks_previous_year",
]


class RatingImport(TableImport):
    """A file. `columns`: the file's names for month, area and what it rates; blank cells are no figure."""

    source: Id
    columns: dict[RatingField, Name]


class RatingFate(Answer):
    row: int
    fate: Literal["duplicate", "rejected"]
    reason: str


class RatingReport(Answer):
    """`stored` + `unchanged` + those in `others` = `rows`; `unrated`: numbers of kept rows without any figure."""

    rows: int
    stored: int
    unchanged: int
    unrated: list[int]
    others: list[RatingFate]


class RatingAnswer(Answer):
    """`values_e4`: per cent in ten-thousandths by column, none where the cell was blank."""

    month: date
    values_e4: dict[str, int | None]


class RatingHistory(Answer):
    source: str
    area: str
    items: list[RatingAnswer]


class DifferenceAnswer(Answer):
    area: str
    month: date
    told_e4: int | None
    earlier_e4: int | None
    why: str


class ReproducedAnswer(Answer):
    """What a column says of earlier months, held against those months' own rows."""

    column: str
    months_back: int
    agrees: int
    share: str | None
    """Of what can be checked and is not blank on both sides, in per cent, rounded down to two places."""
    both_blank: int
    differs: dict[str, int]
    """`rounding`: by a hundredth of a per cent; `told_blank`, `earlier_blank`: only one has a figure; `other`."""
    unchecked: dict[str, int]
    """No earlier row: `before_the_file`, `before_the_area` (it begins later), `gap` (older rows are there, this one is not)."""
    examples: list[DifferenceAnswer]


class ReproductionAnswer(Answer):
    source: str
    rows: int
    areas: int
    columns: list[ReproducedAnswer]
