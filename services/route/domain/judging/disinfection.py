"""Medical-isolation stops: the crew collects, then disinfects bins and ground, and reports that from the cab (`disinfected`).

Such a stop is served when both are done: what was collected and not disinfected in time is missed, its evidence shows the
visit. Until the truck's data says that nobody did, it is waited for.
"""

from collections.abc import Iterable
from datetime import datetime

from services.route.domain.judging.claims import Report
from services.route.domain.judging.findings import MISSED, PLANNED, UNKNOWN
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.judging.visits import Visit

DISINFECTED = "disinfected"


def disinfected_at(visit: Visit, reports: Iterable[Report], rules: JudgementRules) -> datetime | None:
    """When the crew first reported it, while it was there or soon after."""
    until = visit.end + rules.disinfection
    times = [report.at for report in reports if report.code == DISINFECTED and visit.begin <= report.at <= until]
    return min(times, default=None)


def verdict_without(visit: Visit, known_until: datetime | None, now: datetime, rules: JudgementRules) -> str:
    """Of a stop that was collected, and whose disinfection nobody has reported."""
    until = visit.end + rules.disinfection
    if known_until is not None and known_until >= until:
        return MISSED
    return PLANNED if now <= until + rules.grace else UNKNOWN
