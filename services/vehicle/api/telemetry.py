"""Endpoints: what onboard units gather."""

from fastapi import APIRouter, Request, Response

from services.vehicle.api.access import Device
from services.vehicle.schemas.telemetry import TelemetryAnswer
from services.vehicle.service.batches import read_batch
from shared.auth import FastRoute
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


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
    answer = await request.app.state.ingest.submit(batch)  # app.py::_ingest
    return Response(answer.model_dump_json(), 207 if answer.rejected else 200, media_type="application/json")


router.add_api_route(
    "/v1/telemetry",
    post_telemetry,
    methods=["POST"],
    route_class_override=FastRoute,
    tags=["telemetry"],
    summary="What an onboard unit has gathered",
    response_model=TelemetryAnswer,
    openapi_extra=BODY,
    responses={207: {"model": TelemetryAnswer, "description": "Some records were rejected; `items` names every record"}},
)
