"""Endpoints: where a vehicle was, its trips and stops."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.vehicle.api.access import From, Reader, To
from services.vehicle.schemas.tracks import LegsAnswer, PositionAnswer
from services.vehicle.service import tracks
from shared.bodies import Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath
from shared.errors import PROBLEMS

router = APIRouter(responses=PROBLEMS)


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
