"""Endpoints: cleanliness of the areas."""

from fastapi import APIRouter, Request

from services.gateway.api.access import Viewer
from services.gateway.schemas.cleanliness import Cleanliness
from services.gateway.service import cleanliness, view
from shared.assessment import AreaLevel
from shared.bodies import Code, Day
from shared.clock import now, service_day
from shared.db import Transaction
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/city/cleanliness", tags=["city"], summary="Index and rank of each area, open findings, deductions")
async def get_cleanliness(
    request: Request,
    session: Transaction,
    principal: Viewer,
    month: Day | None = None,
    level: AreaLevel = AreaLevel.SUBDISTRICT,
    district_id: Code | None = None,
) -> Cleanliness:
    """Published figures only, by their newest revision; `month`: any day of it, by default the newest month published."""
    today = service_day(now(), request.app.state.resources.settings.zone)
    return await cleanliness.of_month(session, view.scope_of(principal, district_id), level, month, today)
