"""Lifts that mixed waste."""

from datetime import date, datetime
from typing import Annotated, Any

from shared.bodies import Answer, AsJson
from shared.vocabulary import ViolationKind, ViolationStatus


class ViolationAnswer(Answer):
    """A lift that mixed waste. `stop_id`: the stop it counts for; without one, it names the service point it emptied.
    `truck_streams`: what the truck was registered for then; empty: whatever its kind (`evidence.truck`) may carry."""

    violation_id: str
    kind: ViolationKind
    status: ViolationStatus
    revision: int
    lift_id: str
    at: datetime
    service_day: date
    vehicle_id: str
    contractor_id: str | None
    district_id: str | None
    stop_id: str | None
    service_point_id: str | None
    stream: str
    truck_streams: list[str]
    net_kg: int | None
    evidence: Annotated[dict[str, Any], AsJson]
    found_at: datetime
    changed_at: datetime
