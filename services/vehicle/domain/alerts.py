"""Alerts as they are recorded and told: each change is a revision."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from services.vehicle.domain.episodes import Episode
from shared.vocabulary import AlertKind, AlertStatus

WORSE = 1.1
"""An open alert changes when its value has grown by a tenth: with a truck that speeds up, not with every fix of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilters:
    status: AlertStatus | None = None
    kind: AlertKind | None = None
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRevision:
    """What an alert said from `changed_at` on."""

    alert_id: str
    revision: int
    status: AlertStatus
    last_at: datetime
    closed_at: datetime | None
    value: float
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`value`: the worst so far, `limit`: what it was compared with; in km/h, minutes or kg, by kind."""

    alert_id: str
    revision: int
    vehicle_id: str
    kind: AlertKind
    subject_id: str
    status: AlertStatus
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    value: float
    limit: float

    @classmethod
    def of(cls, alert_id: str, vehicle_id: str, episode: Episode, revision: int = 1) -> Self:
        return cls(
            alert_id=alert_id,
            revision=revision,
            vehicle_id=vehicle_id,
            kind=episode.kind,
            subject_id=episode.subject_id,
            status=AlertStatus.OPEN if episode.closed_at is None else AlertStatus.CLOSED,
            opened_at=episode.opened_at,
            last_at=episode.last_at,
            closed_at=episode.closed_at,
            lon=episode.lon,
            lat=episode.lat,
            value=episode.value,
            limit=episode.limit,
        )

    def seen_as(self, episode: Episode) -> Self:
        """The next revision, as the episode shows it now; itself where that is no news."""
        seen = self.of(self.alert_id, self.vehicle_id, episode, self.revision + 1)
        return seen if self._is_news(seen) else self

    def _is_news(self, seen: "Alert") -> bool:
        if seen.status is not self.status:
            return True
        if seen.closed_at is not None:
            return (seen.closed_at, seen.value) != (self.closed_at, self.value)
        return seen.value >= self.value * WORSE and seen.value != self.value

    def withdrawn(self, at: datetime) -> Self:
        """Late records show that it never was."""
        if self.status is AlertStatus.WITHDRAWN:
            return self
        return replace(self, status=AlertStatus.WITHDRAWN, closed_at=self.closed_at or at, revision=self.revision + 1)

    def revision_at(self, changed_at: datetime) -> AlertRevision:
        return AlertRevision(
            alert_id=self.alert_id,
            revision=self.revision,
            status=self.status,
            last_at=self.last_at,
            closed_at=self.closed_at,
            value=self.value,
            changed_at=changed_at,
        )
