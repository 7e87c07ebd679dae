"""Bodies of alerts."""

from datetime import datetime

from shared.bodies import Answer
from shared.vocabulary import AlertKind, AlertStatus


class AlertAnswer(Answer):
    alert_id: str
    revision: int
    vehicle_id: str
    kind: AlertKind
    status: AlertStatus
    subject_id: str
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    value: float
    limit: float


class AlertRevisionAnswer(Answer):
    revision: int
    status: AlertStatus
    last_at: datetime
    closed_at: datetime | None
    value: float
    changed_at: datetime


class AlertDetail(AlertAnswer):
    """With every change the alert went through, oldest first."""

    history: list[AlertRevisionAnswer]
