"""The evaluation service: inspections, record cards, contractors' accounts, the cleanliness index."""

from fastapi import FastAPI

from services.evaluation.api import assignments, contracts, evaluators, inspections, office, ratings
from services.evaluation.consumers import make_consumers
from services.evaluation.metrics import EvaluationMetrics
from services.evaluation.schemas.ratings import RatingImport
from services.evaluation.service.snapshots import SNAPSHOTS
from services.evaluation.tasks import judge_due, show_figures
from shared.app import Service, build
from shared.bus import Bus
from shared.events.evaluation import EvaluationHeartbeat
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="evaluation",
        title="Evaluation: inspections, contractors, the cleanliness index",
        routers=[noun.router for noun in (evaluators, office, inspections, assignments, contracts, ratings)],
        consumers=make_consumers(settings.zone),
        tasks=(judge_due, show_figures),
        heartbeat=EvaluationHeartbeat,
        snapshots=SNAPSHOTS,
        read_by_hand=(RatingImport,),
        body_limits={
            "/v1/inspection-batches": settings.max_import_bytes,
            "/v1/evaluator-batches": settings.max_import_bytes,
            "/v1/rating-imports": settings.max_import_bytes,
            "/v1/finding-photos": settings.max_photo_bytes,
        },
        metrics=EvaluationMetrics,
    )
    return build(service, settings, bus)
