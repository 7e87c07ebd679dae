"""Endpoints: what drivers report, and their photos."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.vehicle.api.access import Device, NamedId, Reader
from services.vehicle.domain.reports import PhotoSubject, ReportCode, ReportFilters
from services.vehicle.schemas.reports import PhotoAnswer, ReportAnswer
from services.vehicle.service import reports
from shared import photos
from shared.bodies import ID_PATTERN, Limit, Page, When
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


PICTURES, PICTURE = ("image/jpeg", "image/png", "image/webp"), {"type": "string", "format": "binary"}


@router.get("/v1/driver-reports", tags=["reports"], summary="What drivers reported, newest first")
async def list_reports(
    session: Transaction,
    principal: Reader,
    vehicle_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    code: ReportCode | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ReportAnswer]:
    filters = ReportFilters(vehicle_id=vehicle_id, code=code)
    return await reports.list_reports(session, principal, filters, cursor, limit)


@router.post(
    "/v1/driver-reports/photos",
    tags=["reports"],
    summary="A photo of what a driver reports",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {kind: {"schema": PICTURE} for kind in PICTURES}}},
)
async def post_photo(
    request: Request,
    session: Transaction,
    principal: Device,
    vehicle_id: Annotated[str, Query(pattern=ID_PATTERN)],
    at: Annotated[When, Query()],
    code: ReportCode,
    stop_id: NamedId = None,
    service_point_id: NamedId = None,
    report_id: NamedId = None,
) -> PhotoAnswer:
    """JPEG, PNG or WebP up to 10 MB, for the report of that vehicle, time and code. It is written anew without metadata.

    Name the report's `stop_id` or `service_point_id` as well when it has one: several reports may be of one moment. 409
    `which_report` when more than one fits.
    """
    subject = PhotoSubject(vehicle_id, at, code, stop_id, service_point_id, report_id)
    return await reports.add_photo(session, principal, subject, await photos.cleaned(await request.body()))


@router.get(
    "/v1/driver-reports/{report_id}/photos/{photo_id}",
    tags=["reports"],
    summary="A photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def get_photo(
    report_id: IdInPath,
    photo_id: IdInPath,
    session: Transaction,
    principal: Reader,
) -> Response:
    return Response(await reports.photo(session, principal, report_id, photo_id), media_type="image/jpeg")
