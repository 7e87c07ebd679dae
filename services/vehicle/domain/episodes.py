"""An alert as the rules see it: something that began, grew and ended, all at event time."""

from dataclasses import dataclass
from datetime import datetime

from shared.vocabulary import AlertKind

Key = tuple[AlertKind, str, datetime]


@dataclass(slots=True)
class Episode:
    """Changed in place: it grows with every record that belongs to it. `subject_id`: the geofence or the scale."""

    kind: AlertKind
    subject_id: str
    opened_at: datetime
    last_at: datetime
    lon: float | None = None
    lat: float | None = None
    value: float = 0.0
    limit: float = 0.0
    closed_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.subject_id, self.opened_at

    def grow(self, at: datetime, value: float) -> None:
        self.last_at = at
        self.value = max(self.value, value)

    def close(self, at: datetime) -> None:
        self.last_at = self.closed_at = at
