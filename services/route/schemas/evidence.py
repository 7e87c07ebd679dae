"""Bodies of evidence of service."""

from datetime import datetime
from typing import Literal

from services.route.schemas.stops import EvidenceJson, VerdictAnswer
from shared.bodies import Answer
from shared.vocabulary import Task, Verdict


class EvidenceLift(Answer):
    lift_id: str
    vehicle_id: str
    at: datetime
    net_kg: int | None
    tag: str | None


class PassingAnswer(Answer):
    """A truck near the stop: when, how near, and for how long it stood."""

    vehicle_id: str
    begin: datetime
    end: datetime
    nearest_m: float
    stood_seconds: int


class EvidenceStop(Answer):
    """`data`: was the truck's data `complete` when we decided, `late` (it changed what was said) or still `missing`?"""

    stop_id: str
    run_id: str
    service_point_id: str
    section_id: str | None
    """The road section, where the street was to be covered; its distance is that of its line."""
    task: Task
    name: str
    distance_m: float
    stream: str
    vehicle_id: str | None
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    verdict: Verdict
    served_at: datetime | None
    data: Literal["complete", "late", "missing"]
    evidence: EvidenceJson
    history: list[VerdictAnswer]
    lifts: list[EvidenceLift]
    passes: list[PassingAnswer]


class EvidenceAnswer(Answer):
    """`outcome`: served, partly_served, not_served, excepted, unknown, not_yet or not_planned; the sentences say it to a
    citizen, `stops` (nearest first) hold what stands behind them."""

    lon: float
    lat: float
    start: datetime
    end: datetime
    stream: str | None
    task: Task | None
    radius_m: float
    outcome: str
    sentence_zh: str
    sentence_en: str
    stops: list[EvidenceStop]


class LiftAnswer(Answer):
    lift_id: str
    vehicle_id: str
    at: datetime
    service_point_id: str | None
    tag: str | None
    lon: float | None
    lat: float | None
    net_kg: int | None
    flags: list[str]
