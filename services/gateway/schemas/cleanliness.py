"""How clean the city was found, month by month."""

from datetime import date

from services.gateway.schemas.city import Part
from shared.assessment import AreaLevel
from shared.bodies import Answer


class AreaFigure(Answer):
    area_id: str
    index: str | None
    """A decimal as text, two places; null: nothing was observed."""
    rank: int | None
    """1 is the cleanest of the whole city."""
    grade: str | None


class AreaFindings(Answer):
    area_id: str
    unmended: int
    """Found, and no re-check has passed yet."""
    overdue: int


class ContractorDeductions(Answer):
    """What stands of a month's deductions, before its caps; the settled statement is the evaluation service's."""

    contractor_id: str
    deductions: int
    points_e2: int
    """Hundredths of a point."""
    fen: int


class Cleanliness(Part):
    """`period`: the month's first day. `revision`: null while nothing is published for it.

    A bearer bound to contractors is not shown findings, one bound to districts alone no contractor's deductions.
    """

    level: AreaLevel
    period: date
    revision: int | None
    areas: list[AreaFigure]
    findings: list[AreaFindings]
    contractors: list[ContractorDeductions]
