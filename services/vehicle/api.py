"""Endpoints of the vehicle service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.vehicle.import_schemas import ImportAnswer, VehicleImport
from services.vehicle.reading import read_batch
from services.vehicle.schemas import (
    AlertAnswer,
    AlertDetail,
    GeofenceAnswer,
    GeofenceBody,
    LegsAnswer,
    PhotoAnswer,
    PositionAnswer,
    ReportAnswer,
    ReportCode,
    TelemetryAnswer,
    VehicleAnswer,
)
from services.vehicle.service import registry, reports, tracks
from shared import photos
from shared.auth import Direct, Principal, allow
from shared.bodies import ID_PATTERN, Code, Limit, Page, When
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, filters
from shared.errors import PROBLEMS
from shared.scope import CONTRACTORS, DISTRICTS, VEHICLES
from shared.tables_in.request import file_body, imported
from shared.vocabulary import AlertKind, AlertStatus, Role, VehicleKind

router = APIRouter(responses=PROBLEMS)

Device = Annotated[Principal, allow(Role.DEVICE, narrows={VEHICLES})]
Dispatcher = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
DispatcherOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
Reader = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]
Admin = Annotated[Principal, allow()]
From = Annotated[When, Query(alias="from")]
To = Annotated[When, Query(alias="to")]
NamedId = Annotated[str | None, Query(pattern=ID_PATTERN)]
PICTURES, PICTURE = ("image/jpeg", "image/png", "image/webp"), {"type": "string", "format": "binary"}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TelemetryBatch"}}},
    }
}


async def post_telemetry(request: Request, principal: Device) -> Response:
    """Up to 1,000 records of one vehicle, as JSON, gzip accepted. A 2xx is durable; a record sent twice counts once.

    Delete records only after a 200 or 207. After 503, 429 or no answer send them again.
    """
    batch = read_batch(await request.body(), principal)
    answer = await request.app.state.ingest.submit(batch)
    return Response(answer.model_dump_json(), 207 if answer.rejected else 200, media_type="application/json")


router.add_api_route(
    "/v1/telemetry",
    post_telemetry,
    methods=["POST"],
    route_class_override=Direct,
    tags=["telemetry"],
    summary="What an onboard unit has gathered",
    response_model=TelemetryAnswer,
    openapi_extra=BODY,
    responses={207: {"model": TelemetryAnswer, "description": "Some records were rejected; `items` names every record"}},
)


@router.post(
    "/v1/vehicle-imports",
    tags=["registry"],
    summary="Create or update vehicles",
    openapi_extra=file_body(VehicleImport, "vehicles"),
)
async def import_vehicles(
    _: Admin, body: Annotated[VehicleImport, imported(VehicleImport, "vehicles")], session: Transaction
) -> ImportAnswer:
    return await registry.import_vehicles(session, body)


@router.get("/v1/vehicles", tags=["registry"], summary="Vehicles with their current state")
async def list_vehicles(
    session: Transaction,
    principal: Reader,
    kind: VehicleKind | None = None,
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[VehicleAnswer]:
    asked = filters(kind=kind, district_id=district_id, contractor_id=contractor_id)
    return await registry.list_vehicles(session, principal, asked, cursor, limit)


@router.get("/v1/vehicles/{vehicle_id}", tags=["registry"], summary="A vehicle with its current state")
async def get_vehicle(vehicle_id: IdInPath, session: Transaction, principal: Reader) -> VehicleAnswer:
    return await registry.get_vehicle(session, principal, vehicle_id)


@router.get(
    "/v1/vehicles/{vehicle_id}/track",
    tags=["tracks"],
    summary="Where a vehicle was",
    response_model=Page[PositionAnswer],
    responses={200: {"content": {"application/geo+json": {}}}},
)
async def get_track(
    vehicle_id: IdInPath,
    session: Transaction,
    principal: Reader,
    start: From,
    end: To,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    simplify_m: Annotated[float, Query(ge=0, le=10_000)] = 0,
    flagged: bool = False,
    shape: Annotated[Literal["json", "geojson"], Query(alias="format")] = "json",
) -> Any:
    """Positions in WGS-84 in the order of their own time; `flagged=true` shows implausible ones too."""
    page = await tracks.track(session, principal, vehicle_id, start, end, cursor, limit, simplify_m=simplify_m, flagged=flagged)
    if shape == "geojson":
        return JSONResponse(tracks.as_geojson(vehicle_id, page), media_type="application/geo+json")
    return page


@router.get("/v1/vehicles/{vehicle_id}/trips", tags=["tracks"], summary="A vehicle's trips and stops")
async def get_trips(vehicle_id: IdInPath, session: Transaction, principal: Reader, start: From, end: To) -> LegsAnswer:
    return await tracks.trips(session, principal, vehicle_id, start, end)


@router.get("/v1/alerts", tags=["alerts"], summary="Alerts, newest first")
async def list_alerts(
    session: Transaction,
    principal: Dispatcher,
    status: AlertStatus | None = None,
    kind: AlertKind | None = None,
    vehicle_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AlertAnswer]:
    asked = filters(status=status, kind=kind, vehicle_id=vehicle_id)
    return await tracks.list_alerts(session, principal, asked, cursor, limit)


@router.get("/v1/alerts/{alert_id}", tags=["alerts"], summary="An alert with its history")
async def get_alert(alert_id: IdInPath, session: Transaction, principal: Dispatcher) -> AlertDetail:
    return await tracks.get_alert(session, principal, alert_id)


@router.get("/v1/driver-reports", tags=["reports"], summary="What drivers reported, newest first")
async def list_reports(
    session: Transaction,
    principal: Reader,
    vehicle_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    code: ReportCode | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ReportAnswer]:
    return await reports.list_reports(session, principal, filters(vehicle_id=vehicle_id, code=code), cursor, limit)


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
    of = reports.PhotoOf(vehicle_id, at, code, stop_id, service_point_id, report_id)
    return await reports.add_photo(session, principal, of, await photos.cleaned(await request.body()))


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


@router.get("/v1/geofences", tags=["alerts"], summary="Geofences")
async def list_geofences(session: Transaction, principal: DispatcherOfDistricts) -> Page[GeofenceAnswer]:
    return await registry.list_geofences(session, principal)


@router.put("/v1/geofences/{fence_id}", tags=["alerts"], summary="Create or change a geofence")
async def put_geofence(fence_id: IdInPath, body: GeofenceBody, session: Transaction, _: Admin) -> GeofenceAnswer:
    return await registry.put_geofence(session, fence_id, body)
