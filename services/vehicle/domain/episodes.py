"""An alert as the rules see it: something that began, grew and ended, all at event time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Key = tuple[str, str, datetime]


@dataclass(slots=True)
class Episode:
    kind: str
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

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "subject_id": self.subject_id,
            "opened_at": self.opened_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "lon": self.lon,
            "lat": self.lat,
            "value": self.value,
            "limit": self.limit,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Episode":
        times = {name: datetime.fromisoformat(data[name]) for name in ("opened_at", "last_at")}
        return cls(**{**data, **times})
