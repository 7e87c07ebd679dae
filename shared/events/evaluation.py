"""Published by the evaluation service."""

from datetime import date, datetime

from shared.assessment import AreaLevel, DeductionStatus, RectificationStatus, Severity
from shared.events.base import Event, Heartbeat


class InspectionFindingChanged(Event, type="evaluation.finding_changed.v1"):
    """An inspection found something, or what became of it changed; the whole finding, with a growing revision."""

    finding_id: str
    revision: int
    inspection_id: str
    area_id: str
    place_id: str
    item: str
    matter_code: str
    """GB/T 47678.5-2026."""
    severity: Severity
    status: RectificationStatus
    overdue: bool
    found_at: datetime
    due_at: datetime
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.finding_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class DeductionChanged(Event, type="evaluation.deduction_changed.v1"):
    """A contractor's deduction arose, changed or was withdrawn; the whole deduction, with a growing revision."""

    deduction_id: str
    revision: int
    contract_id: str
    contractor_id: str
    month: date
    rule: str
    points_e2: int
    """Hundredths of a point."""
    fen: int
    status: DeductionStatus
    at: datetime
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.deduction_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class IndexPublished(Event, type="evaluation.index_published.v1"):
    """A month's index was published, or corrected by a later revision. One event an area."""

    level: AreaLevel
    period: date
    revision: int
    area_id: str
    index: str | None = None
    """Decimals as text, rounded to two places."""
    rank: int | None = None
    grade: str | None = None
    sha256: str
    published_at: datetime

    @property
    def subject(self) -> str:
        return self.area_id

    @property
    def time(self) -> datetime:
        return self.published_at


class EvaluationHeartbeat(Heartbeat, type="evaluation.alive.v1"):
    """Everything the evaluation service published before has been sent."""
