"""Endpoints of the evaluation service."""

from fastapi import APIRouter

from services.evaluation.api import assignments, contracts, evaluators, inspections, office, ratings

router = APIRouter()
for part in (evaluators, office, inspections, assignments, contracts, ratings):
    router.routes.extend(part.router.routes)
