"""Bodies of alarms."""

from datetime import datetime

from shared.bodies import Answer
from shared.vocabulary import AlertStatus, StationAlarmKind


class AlarmAnswer(Answer):
    alarm_id: str
    revision: int
    station_id: str
    kind: StationAlarmKind
    status: AlertStatus
    ticket_id: str | None
    bay_id: str | None
    vehicle_id: str | None
    stream: str | None
    device_id: str | None
    opened_at: datetime
    closed_at: datetime | None
    value: float | None
    limit: float | None
    changed_at: datetime
