"""How clean the city was found, as the evaluation service published it. In the order in which each is merged into its table."""

from datetime import date
from typing import NamedTuple


class IndexFigure(NamedTuple):
    """One area's figure of one month. `value`: a decimal as text, two places."""

    level: str
    period: date
    area_id: str
    revision: int
    value: str | None
    rank: int | None
    grade: str | None


class InspectionFinding(NamedTuple):
    finding_id: str
    revision: int
    area_id: str
    severity: str
    status: str
    overdue: bool


class Deduction(NamedTuple):
    """`points_e2`: hundredths of a point; `fen`: before a month's caps."""

    deduction_id: str
    revision: int
    contractor_id: str
    month: date
    points_e2: int
    fen: int
    status: str


class Unmended(NamedTuple):
    """Findings of an area that nobody has passed yet."""

    area_id: str
    findings: int
    overdue: int


class Deducted(NamedTuple):
    """What stands of a contractor's month."""

    contractor_id: str
    deductions: int
    points_e2: int
    fen: int
