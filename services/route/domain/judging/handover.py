"""What became of a stop that several trucks had one after the other.

1. The truck that served it first served it, whoever has it now.
2. What nobody served is what the rules find for the truck that has it, but `missed` only when the data of those who had it
   before reaches to when they gave it away: until then one of them may have been there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.route.domain.judging.findings import MISSED, SERVED, UNKNOWN


class Finding(NamedTuple):
    """`evidence` as JSON."""

    verdict: str
    served_at: datetime | None
    evidence: dict[str, Any]

    @property
    def service_at(self) -> datetime | None:
        """None where nobody served it: a truck that left a fixed-time point too soon was there, but did not."""
        return self.served_at if self.verdict in SERVED else None


class Former(NamedTuple):
    """A vehicle that had the stop until `gave_at`, and whose data reaches to `known_until`; `found`: where it served it."""

    vehicle_id: str
    gave_at: datetime
    known_until: datetime | None
    found: Finding | None


def combined(own: Finding, former: Sequence[Former]) -> Finding:
    services = [(one.found.service_at, one.vehicle_id, one.found) for one in former if one.found and one.found.service_at]
    if services:
        first_at, vehicle_id, first = min(services, key=lambda service: service[:2])
        if own.service_at is not None and own.service_at <= first_at:
            return own
        return first._replace(evidence=first.evidence | {"vehicle_id": vehicle_id})
    return own._replace(verdict=UNKNOWN) if own.verdict == MISSED and not all(map(_is_heard, former)) else own


def _is_heard(one: Former) -> bool:
    return one.known_until is not None and one.known_until >= one.gave_at
