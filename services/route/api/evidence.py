"""Endpoints: evidence of service, and lifts that mixed waste."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.route.api.access import Evaluator, EvaluatorOfDistricts
from services.route.domain.evidence import EvidenceFilters
from services.route.domain.violations import ViolationFilters
from services.route.schemas.evidence import EvidenceAnswer
from services.route.schemas.violations import ViolationAnswer
from services.route.service import evidence, violations
from shared.bodies import Code, Latitude, Limit, Longitude, Page, ServiceDay, When
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery
from shared.errors import PROBLEMS
from shared.vocabulary import Task, ViolationStatus, WasteStream

router = APIRouter(responses=PROBLEMS)


@router.get("/v1/service-evidence", tags=["evidence"], summary="Did the city serve this place?")
async def get_service_evidence(
    request: Request,
    session: Transaction,
    principal: EvaluatorOfDistricts,
    lon: Annotated[Longitude, Query()],
    lat: Annotated[Latitude, Query()],
    start: Annotated[When, Query(alias="from")],
    end: Annotated[When, Query(alias="to")],
    stream: WasteStream | None = None,
    task: Task | None = None,
) -> EvidenceAnswer:
    """The stops and the passes over road sections planned around a WGS-84 place in that time, what became of each and how we
    know, and one sentence of it."""
    zone = request.app.state.resources.settings.zone
    filters = EvidenceFilters(lon=lon, lat=lat, start=start, end=end, stream=stream, task=task)
    return await evidence.service_evidence(session, principal, filters, zone)


@router.get("/v1/violations", tags=["evidence"], summary="Lifts that mixed waste")
async def list_violations(
    session: Transaction,
    principal: Evaluator,
    service_day: ServiceDay | None = None,
    vehicle_id: IdInQuery = None,
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    status: ViolationStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ViolationAnswer]:
    """Found when a lift is matched to its stop; `withdrawn` when late data showed that it never was."""
    filters = ViolationFilters(
        service_day=service_day,
        vehicle_id=vehicle_id,
        within_district=district_id,
        contractor_id=contractor_id,
        status=status,
    )
    return await violations.list_violations(session, principal, filters, cursor, limit)


@router.get("/v1/violations/{violation_id}", tags=["evidence"], summary="A lift that mixed waste, and what is known of it")
async def get_violation(violation_id: IdInPath, session: Transaction, principal: Evaluator) -> ViolationAnswer:
    return await violations.get(session, principal, violation_id)
