"""Bodies of stops and the verdicts on them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from services.route.domain.judging.findings import Evidence
from services.route.schemas.runs import RunStop
from shared.bodies import Answer, Body, Note
from shared.vocabulary import Verdict


def _as_json(evidence: Evidence | None) -> dict[str, Any]:
    return evidence.to_json() if evidence else {}


EvidenceJson = Annotated[dict[str, Any], BeforeValidator(_as_json)]


class VerdictAnswer(Answer):
    """`at`: when it became so in the truck's world; `decided_at`: when we knew; `known_until`: how far its data reached."""

    revision: int
    verdict: Verdict
    at: datetime
    served_at: datetime | None
    decided_at: datetime
    known_until: datetime | None
    reason: str
    evidence: EvidenceJson


class StopDetail(RunStop):
    run_id: str
    service_day: date
    vehicle_id: str | None
    district_id: str | None
    judged_at: datetime | None
    evidence: EvidenceJson
    history: list[VerdictAnswer]


class Ruling(Body):
    """`verdict` null takes the ruling back; `reason` stands in the stop's history for everyone who may see it."""

    verdict: Verdict | None
    reason: Annotated[Note, Field(min_length=3)]


class RulesAnswer(Answer):
    """What a stop is judged by, by the service day from which it is valid: tolerances, what drivers' reports excuse, what covers
    a road section and how often its level asks for it."""

    items: list[dict[str, Any]]
    exceptions: list[dict[str, Any]]
    sweeping: list[dict[str, Any]]
