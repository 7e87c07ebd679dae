"""Endpoints of places, plans, inspections and findings."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from services.evaluation.api.access import (
    Admin,
    AreaInQuery,
    Auditor,
    AuditorOfCity,
    Field,
    Inspector,
    Mender,
    ReaderOfChecklists,
    Zone,
)
from services.evaluation.domain.filters import FindingFilters
from services.evaluation.schemas.inspections import (
    BatchAnswer,
    CheckBody,
    ChecklistsAnswer,
    FindingAnswer,
    FindingDetail,
    InspectionAnswer,
    InspectionBatch,
    MendBody,
    PhotoAnswer,
    PlaceAnswer,
    PlaceBody,
    PlanAnswer,
    PlanBody,
    RecordCard,
    VoidBody,
    WeekProblems,
)
from services.evaluation.service import inspections, plans, record_cards, rectifications, weekly
from shared.assessment import RectificationStatus
from shared.bodies import ID_PATTERN, WEEK_PATTERN, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS
from shared.spreadsheet import MEDIA_TYPES

router = APIRouter(responses=PROBLEMS, tags=["inspections"])
JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
PICTURE = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


@router.put("/v1/places/{place_id}", summary="A place that can be inspected")
async def put_place(place_id: IdInPath, body: PlaceBody, session: Transaction, _: Admin) -> PlaceAnswer:
    return await plans.put_place(session, place_id, body)


@router.get("/v1/places", summary="Places")
async def list_places(
    session: Transaction, principal: Field, area_id: AreaInQuery = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[PlaceAnswer]:
    return await plans.list_places(session, principal, area_id, cursor, limit)


@router.get("/v1/places/{place_id}/record-card", summary="Everything known of a place on one page")
async def get_record_card(place_id: IdInPath, session: Transaction, principal: Field, zone: Zone) -> RecordCard:
    return await record_cards.card(session, principal, place_id, zone)


@router.put("/v1/inspection-plans/{plan_id}", summary="Draw whom to inspect, and who does it, from a seed")
async def put_plan(plan_id: IdInPath, body: PlanBody, session: Transaction, principal: AuditorOfCity) -> PlanAnswer:
    return await plans.draw(session, principal, plan_id, body)


@router.get("/v1/inspection-plans/{plan_id}", summary="A plan")
async def get_plan(plan_id: IdInPath, session: Transaction, principal: Field) -> PlanAnswer:
    return await plans.get_plan(session, principal, plan_id)


@router.get("/v1/checklists", summary="Checklists in force today")
async def get_checklists(_: ReaderOfChecklists) -> ChecklistsAnswer:
    return plans.checklists()


@router.post(
    "/v1/inspection-batches",
    summary="Inspections of a handheld, also late and again",
    response_model=BatchAnswer,
    responses={207: {"model": BatchAnswer, "description": "Some were rejected; `items` names every one"}},
)
async def post_batch(body: InspectionBatch, session: Transaction, principal: Inspector, zone: Zone) -> Any:
    """Delete what a handheld holds only after a 200 or 207. The client ids are the credential's own."""
    answer = await inspections.take(session, principal, principal.token_id, body.person, body.inspections, zone)
    return Response(answer.model_dump_json(), 207 if answer.rejected else 200, media_type="application/json")


@router.get("/v1/inspections", summary="Inspections, the newest first")
async def list_inspections(
    session: Transaction, principal: Field, cursor: Cursor = None, limit: Limit = 100
) -> Page[InspectionAnswer]:
    return await inspections.listing(session, principal, cursor, limit)


@router.get("/v1/inspections/{inspection_id}", summary="An inspection")
async def get_inspection(inspection_id: IdInPath, session: Transaction, principal: Field) -> InspectionAnswer:
    return await inspections.get(session, principal, inspection_id)


@router.post("/v1/inspections/{inspection_id}/void", summary="It stays on record and counts for nothing")
async def void(inspection_id: IdInPath, body: VoidBody, session: Transaction, principal: Auditor, zone: Zone) -> InspectionAnswer:
    return await inspections.void(session, principal, inspection_id, body, zone)


@router.get(
    "/v1/inspection-problems", summary="A week's problem list by subdistrict", response_model=WeekProblems, responses=FILES
)
async def get_problems(
    session: Transaction,
    principal: Field,
    zone: Zone,
    week: Annotated[str, Query(pattern=WEEK_PATTERN)],
    shape: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
) -> Any:
    answer = await weekly.problems(session, principal, week, zone)
    if shape == "json":
        return answer
    file = weekly.file(answer, shape, zone)
    return download(file)


@router.get("/v1/findings-of-inspections", summary="What inspections found, the newest first")
async def list_findings(
    session: Transaction,
    principal: Mender,
    area_id: AreaInQuery = None,
    contractor_id: IdInQuery = None,
    place_id: IdInQuery = None,
    status: RectificationStatus | None = None,
    overdue: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[FindingAnswer]:
    filters = FindingFilters(area_id=area_id, contractor_id=contractor_id, place_id=place_id, status=status, overdue=overdue)
    return await rectifications.listing(session, principal, filters, cursor, limit)


@router.get("/v1/findings-of-inspections/{finding_id}", summary="A finding and its history")
async def get_finding(finding_id: IdInPath, session: Transaction, principal: Mender) -> FindingDetail:
    return await rectifications.get(session, principal, finding_id)


@router.post("/v1/findings-of-inspections/{finding_id}/mend", summary="It was mended, when on the street")
async def mend(finding_id: IdInPath, body: MendBody, session: Transaction, principal: Mender, zone: Zone) -> FindingAnswer:
    return await rectifications.mend(session, principal, finding_id, body, zone)


@router.post("/v1/findings-of-inspections/{finding_id}/check", summary="A re-check: passed, or open again")
async def check(finding_id: IdInPath, body: CheckBody, session: Transaction, principal: Field, zone: Zone) -> FindingAnswer:
    return await rectifications.check(session, principal, finding_id, body, zone)


@router.post("/v1/finding-photos", summary="A photo of a finding (JPEG, PNG, WebP)", openapi_extra=PICTURE)
async def post_photo(
    request: Request, session: Transaction, principal: Field, finding_id: Annotated[str, Query(pattern=ID_PATTERN)]
) -> PhotoAnswer:
    return await rectifications.add_photo(session, principal, finding_id, await request.body())


@router.get("/v1/finding-photos/{finding_id}/{photo_id}", summary="A photo", response_class=Response, responses=JPEG)
async def get_photo(finding_id: IdInPath, photo_id: IdInPath, session: Transaction, principal: Mender) -> Response:
    return Response(await rectifications.photo(session, principal, finding_id, photo_id), media_type="image/jpeg")
