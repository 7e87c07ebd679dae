"""Endpoints: weighbridge tickets of plants."""

from typing import Any

from fastapi import APIRouter, Request

from services.incinerator.api.access import Auditor, Operator, Shape, Since, Until, zone_of
from services.incinerator.domain.tickets import IntakeFilters
from services.incinerator.schemas.intake import (
    IntakeAnswer,
    IntakeDetail,
    Voiding,
    WeighIn,
    WeighOut,
)
from services.incinerator.service import exports, intake
from shared.bodies import Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES
from shared.vocabulary import TicketStatus

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/plants/{plant_id}/weigh-ins", tags=["intake"], summary="Weigh a full truck in")
async def weigh_in(plant_id: IdInPath, body: WeighIn, session: Transaction, principal: Operator) -> IntakeAnswer:
    """The same `client_id` again is the same ticket. A seal links it to the station's haul, now or when that is known."""
    return await intake.weigh_in(session, principal, plant_id, body)


@router.get(
    "/v1/intakes", tags=["intake"], summary="Weighbridge tickets of plants", response_model=Page[IntakeAnswer], responses=FILES
)
async def list_intakes(
    request: Request,
    session: Transaction,
    principal: Auditor,
    plant_id: IdInQuery = None,
    vehicle_id: IdInQuery = None,
    haul_id: IdInQuery = None,
    status: TicketStatus | None = None,
    start: Since = None,
    end: Until = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Shape = "json",
) -> Any:
    """In the order of arrival; a spreadsheet holds all."""
    asked = IntakeFilters(plant_id=plant_id, vehicle_id=vehicle_id, haul_id=haul_id, status=status, start=start, end=end)
    if shape == "json":
        return await intake.list_intakes(session, principal, asked, cursor, limit)
    items = await intake.all_intakes(session, principal, asked)
    return download(exports.intakes_file(items, shape, zone_of(request)))


@router.get("/v1/intakes/{ticket_id}", tags=["intake"], summary="A ticket with its history")
async def get_intake(ticket_id: IdInPath, session: Transaction, principal: Auditor) -> IntakeDetail:
    return await intake.get_intake(session, principal, ticket_id)


@router.post("/v1/intakes/{ticket_id}/weigh-out", tags=["intake"], summary="Weigh the empty truck; the ticket is closed")
async def weigh_out(
    request: Request, ticket_id: IdInPath, body: WeighOut, session: Transaction, principal: Operator
) -> IntakeAnswer:
    return await intake.weigh_out(session, principal, ticket_id, body, zone_of(request))


@router.post("/v1/intakes/{ticket_id}/void", tags=["intake"], summary="Void a ticket, with a reason; it is never deleted")
async def void_intake(
    request: Request, ticket_id: IdInPath, body: Voiding, session: Transaction, principal: Operator
) -> IntakeAnswer:
    return await intake.void(session, principal, ticket_id, body, zone_of(request))
