"""A station's alarms: of each subject at most one is open."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from shared.vocabulary import AlertStatus, StationAlarmKind, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an alarm is about, as far as its kind says it. `value`, `limit`: kg, vehicles or days."""

    ticket_id: str | None = None
    bay_id: str | None = None
    vehicle_id: str | None = None
    stream: WasteStream | None = None
    device_id: str | None = None
    value: float | None = None
    limit: float | None = None


NOTHING = About()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """`subject`: what it is about, in one word."""

    alarm_id: str
    revision: int = 0
    station_id: str
    kind: StationAlarmKind
    subject: str
    status: AlertStatus = AlertStatus.OPEN
    opened_at: datetime
    closed_at: datetime | None = None
    ticket_id: str | None = None
    bay_id: str | None = None
    vehicle_id: str | None = None
    stream: WasteStream | None = None
    device_id: str | None = None
    value: float | None = None
    limit: float | None = None
    changed_at: datetime

    def tell_about(self, about: About) -> "Alarm":
        return replace(self, **asdict(about))

    def close(self, at: datetime, ending: AlertStatus = AlertStatus.CLOSED) -> "Alarm":
        """Over, or withdrawn, at this moment; never before it was opened."""
        return replace(self, status=ending, closed_at=max(at, self.opened_at))

    def change(self, at: datetime) -> "Alarm":
        return replace(self, revision=self.revision + 1, changed_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilters:
    alarm_id: str | None = None
    station_id: str | None = None
    status: AlertStatus | None = None
    kind: StationAlarmKind | None = None
