"""Endpoints of the 12345 workflow."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.complaint.api.access import Admin, Desk, DeskOfDistricts, From, Reader, ReaderOfRules, To
from services.complaint.domain.filters import CaseFilters
from services.complaint.schemas.complaints import (
    ComplaintAnswer,
    ComplaintBody,
    ComplaintDetail,
    DuplicatesAnswer,
    MapAnswer,
    PhotoAnswer,
)
from services.complaint.schemas.contacts import ContactAnswer, FollowerBody, LookBody, LooksAnswer
from services.complaint.schemas.rules import RulesAnswer
from services.complaint.schemas.steps import OrderBody, StepsBody
from services.complaint.service import desk, orders, queries, workflow
from shared import photos
from shared.bodies import Code, Limit, Page
from shared.clock import now
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS, BadRequest
from shared.vocabulary import Channel, ClockColour, ComplaintStatus

router = APIRouter(responses=PROBLEMS)

PICTURES, PICTURE = ("image/jpeg", "image/png", "image/webp"), {"type": "string", "format": "binary"}


@router.post("/v1/complaints", tags=["complaints"], summary="Take a complaint")
async def post_complaint(
    request: Request, body: ComplaintBody, session: Transaction, principal: DeskOfDistricts
) -> ComplaintAnswer:
    """By phone, mail or a visit. Its clocks run from now; what the city's own record says of it is asked at once."""
    app = request.app.state
    return await desk.take(session, principal, app.encryption, body, app.resources.settings.zone)


@router.get("/v1/complaints", tags=["complaints"], summary="Complaints, newest first")
async def list_complaints(
    session: Transaction,
    principal: Reader,
    status: ComplaintStatus | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    category: Code | None = None,
    channel: Channel | None = None,
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    colour: ClockColour | None = None,
    q: Annotated[str | None, Query(min_length=2, max_length=100)] = None,
    start: From = None,
    end: To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ComplaintAnswer]:
    """`colour`: of the running resolve clock. `q`: words of the text or address. A 6-digit district includes its subdistricts."""
    filters = CaseFilters(
        status=status,
        open=is_open,
        categories=(category,) if category else None,
        channel=channel,
        district_id=district_id,
        contractor_id=contractor_id,
        colour=colour,
        start=start,
        end=end,
    )
    return await queries.list_complaints(session, principal, filters, q, cursor, limit)


@router.get("/v1/complaints/{case_id}", tags=["complaints"], summary="A complaint with clocks, history and evidence")
async def get_complaint(request: Request, case_id: IdInPath, session: Transaction, principal: Reader) -> ComplaintDetail:
    return await queries.get_complaint(session, principal, request.app.state.encryption, case_id)


@router.post("/v1/complaints/{case_id}/steps", tags=["complaints"], summary="Do the next steps with a complaint")
async def post_steps(
    request: Request, case_id: IdInPath, body: StepsBody, session: Transaction, principal: Desk
) -> ComplaintAnswer:
    """Accept, file, dispatch, take, finish, check, reply, call back, close and their side ways. A contractor's token may do
    what handlers do; 409 `not_now` says that the status does not allow it."""
    case = await workflow.take_steps(session, principal, case_id, body, request.app.state.resources.settings.zone)
    return queries.answer(case, now())


@router.post("/v1/complaints/{case_id}/orders", tags=["complaints"], summary="Have a truck fetch it")
async def post_order(
    request: Request, case_id: IdInPath, body: OrderBody, session: Transaction, principal: Desk
) -> ComplaintAnswer:
    """The route service makes it a dispatch order; `order` in the answer says how that stands. Done, the case waits for its
    check."""
    return await orders.want(session, principal, case_id, body, request.app.state.resources.settings.zone)


@router.get("/v1/complaints/{case_id}/duplicates", tags=["complaints"], summary="Complaints that may be the same")
async def get_duplicates(case_id: IdInPath, session: Transaction, principal: Reader) -> DuplicatesAnswer:
    return await queries.duplicates(session, principal, case_id)


@router.post("/v1/complaints/{case_id}/followers", tags=["complaints"], summary="One more person reports the same")
async def post_follower(
    request: Request, case_id: IdInPath, body: FollowerBody, session: Transaction, principal: Desk
) -> ComplaintAnswer:
    app = request.app.state
    return await desk.follow(session, principal, app.encryption, case_id, body.contact, app.resources.settings.zone)


@router.post("/v1/complaints/{case_id}/contact", tags=["people"], summary="Look at the contact data")
async def look_at_contact(
    request: Request, case_id: IdInPath, body: LookBody, session: Transaction, principal: Desk
) -> ContactAnswer:
    """Everywhere else it is masked. Each look is written down with who, when and why."""
    return await desk.look_at_contact(session, principal, request.app.state.encryption, case_id, body)


@router.get("/v1/complaints/{case_id}/contact-looks", tags=["people"], summary="Who looked at the contact data")
async def get_looks(case_id: IdInPath, session: Transaction, _: Admin) -> LooksAnswer:
    return await desk.looks(session, case_id)


@router.post(
    "/v1/complaints/{case_id}/photos",
    tags=["complaints"],
    summary="Add a photo",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {kind: {"schema": PICTURE} for kind in PICTURES}}},
)
async def post_photo(request: Request, case_id: IdInPath, session: Transaction, principal: Desk) -> PhotoAnswer:
    """JPEG, PNG or WebP. It is written anew without metadata."""
    return await desk.add_photo(session, principal, case_id, await photos.cleaned(await request.body()))


@router.get(
    "/v1/complaints/{case_id}/photos/{photo_id}",
    tags=["complaints"],
    summary="A photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def get_photo(case_id: IdInPath, photo_id: IdInPath, session: Transaction, principal: Reader) -> Response:
    return Response(await desk.photo(session, principal, case_id, photo_id), media_type="image/jpeg")


@router.get("/v1/complaint-map", tags=["complaints"], summary="Complaints within a box, as GeoJSON")
async def get_map(
    session: Transaction,
    principal: Reader,
    box: Annotated[str, Query(max_length=100)],
    category: Code | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    start: From = None,
    end: To = None,
) -> MapAnswer:
    """`box`: west,south,east,north in WGS-84 degrees. Open ones unless `open=false`."""
    try:
        west, south, east, north = (float(part) for part in box.split(","))
    except ValueError as error:
        raise BadRequest("box is west,south,east,north in degrees") from error
    filters = CaseFilters(categories=(category,) if category else None, open=is_open, start=start, end=end)
    return await queries.on_map(session, principal, (west, south, east, north), filters)


@router.get("/v1/complaint-rules", tags=["complaints"], summary="Categories, clocks and limits")
async def get_rules(_: ReaderOfRules) -> RulesAnswer:
    return queries.rules_now()
