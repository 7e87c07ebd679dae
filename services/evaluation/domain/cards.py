"""What others told that stands on places' record cards."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.vocabulary import ComplaintStatus, Verdict

SERVED = frozenset({Verdict.COLLECTED, Verdict.EARLY, Verdict.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStop:
    """A collection at a service point. `shared`: its kilograms were lifted together with another stop's."""

    stop_id: str
    service_point_id: str
    service_day: date
    stream: str
    verdict: Verdict
    net_kg: int
    shared: bool

    @property
    def is_missed(self) -> bool:
        return self.verdict is Verdict.MISSED

    @property
    def is_served(self) -> bool:
        return self.verdict in SERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class CardComplaint:
    """A complaint about a place that somebody named. Its text is not here."""

    complaint_id: str
    revision: int
    category: str
    status: ComplaintStatus
    open: bool
    overdue: bool
    requested_at: datetime
    lon: float
    lat: float
