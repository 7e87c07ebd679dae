"""Fixed-time fixed-point collection (定时定点): the truck waits at the point through the window, people bring their waste.

Such a stop is collected if the truck came when the window opened and stayed until it closed; it is late if people waited
for the truck, early if the truck did not wait for people. Before its data says that it left, nobody knows.
"""

from datetime import datetime

from services.route.domain.judging.rules import JudgementRules
from services.route.domain.judging.visits import Visit
from services.route.domain.places import PlannedStop


def stayed(visit: Visit) -> tuple[datetime, datetime]:
    """From when to when the truck stood there."""
    stretches = visit.stretches
    return (stretches[0].begin, max(stretch.end for stretch in stretches)) if stretches else (visit.begin, visit.end)


def verdict_of(stop: PlannedStop, visit: Visit, known_until: datetime | None, now: datetime, rules: JudgementRules) -> str:
    begin, end = stayed(visit)
    leaving_at = stop.window_end - rules.fixed_time_tolerance
    if begin > stop.window_start + rules.fixed_time_tolerance:
        return "late"
    if end >= leaving_at:
        return "collected"
    if known_until is not None and known_until >= leaving_at:
        return "early"
    return "planned" if now <= stop.window_end + rules.grace else "unknown"
