"""Endpoints: weighbridge tickets."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from services.transfer_station.api.access import From, Key, Operator, ReaderOfTickets, To
from services.transfer_station.domain.tickets import TicketFilters
from services.transfer_station.domain.weights import TareExpired
from services.transfer_station.schemas.tickets import (
    BayUse,
    Correction,
    TicketAnswer,
    TicketDetail,
    TicketVehicle,
    Voiding,
    WeighIn,
    WeighOut,
)
from services.transfer_station.service import exports, queries, tickets
from shared.bodies import Code, Limit, Page
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS, problem
from shared.spreadsheet import FILES, Format
from shared.vocabulary import TicketStatus, WasteStream

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/stations/{station_id}/weigh-ins", tags=["tickets"], summary="First weighing: a ticket")
async def post_weigh_in(
    station_id: IdInPath, body: WeighIn, session: Transaction, principal: Operator, key: Key = None
) -> TicketAnswer:
    """Send again until it is answered: the same `client_id` (or Idempotency-Key) makes one ticket. Late entries are welcome."""
    return await tickets.weigh_in(session, principal, station_id, body, key)


@router.post("/v1/tickets/{ticket_id}/bay", tags=["tickets"], summary="Where the truck tips")
async def post_bay(ticket_id: IdInPath, body: BayUse, session: Transaction, principal: Operator) -> TicketAnswer:
    """A bay that does not take the ticket's stream is taken down and opens an alarm."""
    return await tickets.use_bay(session, principal, ticket_id, body)


@router.post(
    "/v1/tickets/{ticket_id}/weigh-out",
    tags=["tickets"],
    summary="Second weighing: the ticket is closed",
    response_model=TicketAnswer,
)
async def post_weigh_out(ticket_id: IdInPath, body: WeighOut, session: Transaction, principal: Operator) -> Any:
    """Of two that close a ticket at once one wins and the other is told (`already_closed`)."""
    answer = await tickets.weigh_out(session, principal, ticket_id, body)
    # Not raised: the alarm that goes with it is to be committed.
    return problem(409, answer.code, answer.detail) if isinstance(answer, TareExpired) else answer


@router.post("/v1/tickets/{ticket_id}/void", tags=["tickets"], summary="Make a ticket void")
async def post_void(ticket_id: IdInPath, body: Voiding, session: Transaction, principal: Operator) -> TicketAnswer:
    return await tickets.void(session, principal, ticket_id, body)


@router.post("/v1/tickets/{ticket_id}/corrections", tags=["tickets"], summary="Correct a ticket")
async def post_correction(ticket_id: IdInPath, body: Correction, session: Transaction, principal: Operator) -> TicketAnswer:
    return await tickets.correct(session, principal, ticket_id, body)


@router.put("/v1/tickets/{ticket_id}/vehicle", tags=["tickets"], summary="Say which truck it was")
async def put_vehicle(ticket_id: IdInPath, body: TicketVehicle, session: Transaction, principal: Operator) -> TicketAnswer:
    return await tickets.set_vehicle(session, principal, ticket_id, body)


@router.get("/v1/tickets", tags=["tickets"], summary="Tickets, newest first", response_model=Page[TicketAnswer], responses=FILES)
async def list_tickets(
    request: Request,
    session: Transaction,
    principal: ReaderOfTickets,
    station_id: IdInQuery = None,
    status: TicketStatus | None = None,
    vehicle_id: IdInQuery = None,
    stream: WasteStream | None = None,
    district_id: Code | None = None,
    contractor_id: Code | None = None,
    start: From = None,
    end: To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
) -> Any:
    """By the time of the first weighing. A 6-digit district includes its subdistricts. A file holds one page too."""
    asked = TicketFilters(
        station_id=station_id,
        status=status,
        vehicle_id=vehicle_id,
        stream=stream,
        contractor_id=contractor_id,
        within_district=district_id,
        start=start,
        end=end,
    )
    page = await queries.list_tickets(session, principal, asked, cursor, limit)
    if shape == "json":
        return page
    kind: Format = shape
    file = exports.tickets_file(page.items, kind, request.app.state.resources.settings.zone)
    return download(file)


@router.get("/v1/tickets/{ticket_id}", tags=["tickets"], summary="A ticket with its history")
async def get_ticket(ticket_id: IdInPath, session: Transaction, principal: ReaderOfTickets) -> TicketDetail:
    return await queries.get_ticket(session, principal, ticket_id)
