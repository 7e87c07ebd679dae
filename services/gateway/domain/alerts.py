"""Alerts of trucks. Whose district it is, the vehicle says, which may be registered after its first alert."""

from dataclasses import dataclass
from datetime import datetime

from shared.vocabulary import AlertKind, AlertStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
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
    changed_seq: int
