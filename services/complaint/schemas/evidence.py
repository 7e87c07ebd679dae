"""What GET /v1/service-evidence of the route service answers, as far as it is read here."""

from pydantic import BaseModel, ConfigDict

from shared.vocabulary import Task, Verdict


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ForeignLift(_Foreign):
    net_kg: int | None


class VerdictReasons(_Foreign):
    """`net_kg`: of the visit that the verdict rests on, if it rests on one."""

    net_kg: int | None = None

    @property
    def names_a_weight(self) -> bool:
        return "net_kg" in self.model_fields_set


class ForeignStop(_Foreign):
    stop_id: str
    run_id: str
    service_point_id: str
    task: Task
    name: str
    distance_m: float
    stream: str
    vehicle_id: str | None
    planned_at: str
    window_start: str
    window_end: str
    verdict: Verdict
    served_at: str | None
    data: str
    evidence: VerdictReasons
    lifts: list[ForeignLift]
    passes: list[object]


class ServiceEvidence(_Foreign):
    outcome: str
    sentence_zh: str
    sentence_en: str
    radius_m: float
    start: str
    end: str
    stops: list[ForeignStop]
