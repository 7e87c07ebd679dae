"""Endpoints of the transfer_station service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request

from services.transfer_station.domain.weights import Refusal
from services.transfer_station.schemas import (
    AlarmAnswer,
    LogAnswer,
    LogBody,
    StationAnswer,
    StationBody,
    StationState,
    StockAnswer,
    StockBody,
    TareAnswer,
    TareBody,
)
from services.transfer_station.schemas.tickets import (
    BayUse,
    Correction,
    HaulAnswer,
    HaulArrival,
    HaulBody,
    SealAnswer,
    SealBody,
    TicketAnswer,
    TicketDetail,
    TicketVehicle,
    Voiding,
    WeighIn,
    WeighOut,
)
from services.transfer_station.schemas.weighings import WeighingAnswer, WeighingImport, WeighingImportAnswer
from services.transfer_station.service import alarms, exporting, hauls, logs, reading, stations, stock, tares, tickets, weighings
from shared.auth import Principal, allow
from shared.bodies import ID_PATTERN, Code, Limit, Page, When
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download, filters
from shared.errors import PROBLEMS, problem
from shared.scope import CONTRACTORS, DISTRICTS, STATIONS
from shared.spreadsheet import FILES, Format
from shared.tables_in.request import file_body, imported
from shared.vocabulary import AlertStatus, HaulStatus, Role, StationAlarmKind, TicketStatus, WasteStream

router = APIRouter(responses=PROBLEMS)

Operator = Annotated[Principal, allow(Role.STATION_OPERATOR, narrows={STATIONS})]
Reader = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS})]
"""Of a station as a whole, which no district or contractor has to itself."""
ReaderOfTickets = Annotated[
    Principal,
    allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS, DISTRICTS, CONTRACTORS}),
]
Admin = Annotated[Principal, allow()]
From = Annotated[When | None, Query(alias="from")]
To = Annotated[When | None, Query(alias="to")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=ID_PATTERN)]


# --- stations ---------------------------------------------------------------------------------------------------


@router.put("/v1/stations/{station_id}", tags=["stations"], summary="Create or change a transfer station")
async def put_station(station_id: IdInPath, body: StationBody, session: Transaction, _: Admin) -> StationAnswer:
    return await stations.put_station(session, station_id, body)


@router.get("/v1/stations", tags=["stations"], summary="Transfer stations")
async def list_stations(
    session: Transaction, principal: Reader, cursor: Cursor = None, limit: Limit = 100
) -> Page[StationAnswer]:
    return await stations.list_stations(session, principal, cursor, limit)


@router.get("/v1/stations/{station_id}", tags=["stations"], summary="A station now: queue, trucks inside, stock, turn-round")
async def get_station(station_id: IdInPath, request: Request, session: Transaction, principal: Reader) -> StationState:
    return await stations.state(session, principal, station_id, request.app.state.resources.settings.zone)


@router.post("/v1/stations/{station_id}/stock", tags=["stations"], summary="A stock-taking, or a named loss")
async def post_stock(station_id: IdInPath, body: StockBody, session: Transaction, principal: Operator) -> StockAnswer:
    return await stock.record(session, principal, station_id, body)


@router.get("/v1/stations/{station_id}/stock", tags=["stations"], summary="Stock-takings and losses, newest first")
async def list_stock(
    station_id: IdInPath,
    session: Transaction,
    principal: Reader,
    stream: WasteStream | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[StockAnswer]:
    return await stock.list_entries(session, principal, station_id, filters(stream=stream), cursor, limit)


@router.post("/v1/stations/{station_id}/log", tags=["stations"], summary="An entry in the station's log")
async def post_log(station_id: IdInPath, body: LogBody, session: Transaction, principal: Operator) -> LogAnswer:
    return await logs.write(session, principal, station_id, body)


@router.get("/v1/stations/{station_id}/log", tags=["stations"], summary="The station's log, newest first")
async def list_log(
    station_id: IdInPath,
    session: Transaction,
    principal: Reader,
    kind: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[LogAnswer]:
    return await logs.list_entries(session, principal, station_id, filters(kind=kind), cursor, limit)


@router.get("/v1/station-alarms", tags=["stations"], summary="Alarms of stations, newest first")
async def list_alarms(
    session: Transaction,
    principal: Reader,
    station_id: IdInQuery = None,
    status: AlertStatus | None = None,
    kind: StationAlarmKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AlarmAnswer]:
    asked = filters(station_id=station_id, status=status, kind=kind)
    return await alarms.list_alarms(session, principal, asked, cursor, limit)


@router.get("/v1/station-alarms/{alarm_id}", tags=["stations"], summary="An alarm")
async def get_alarm(alarm_id: IdInPath, session: Transaction, principal: Reader) -> AlarmAnswer:
    return await alarms.get_alarm(session, principal, alarm_id)


# --- tickets ----------------------------------------------------------------------------------------------------


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
    return problem(409, answer.code, answer.detail) if isinstance(answer, Refusal) else answer


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
    asked = filters(
        station_id=station_id,
        status=status,
        vehicle_id=vehicle_id,
        stream=stream,
        district_id=district_id,
        contractor_id=contractor_id,
    )
    asked |= filters(start=start, end=end)
    page = await reading.list_tickets(session, principal, asked, cursor, limit)
    if shape == "json":
        return page
    kind: Format = shape
    file = exporting.tickets_file(page.items, kind, request.app.state.resources.settings.zone)
    return download(file)


@router.get("/v1/tickets/{ticket_id}", tags=["tickets"], summary="A ticket with its history")
async def get_ticket(ticket_id: IdInPath, session: Transaction, principal: ReaderOfTickets) -> TicketDetail:
    return await reading.get_ticket(session, principal, ticket_id)


@router.put("/v1/tares/{vehicle_id}", tags=["tickets"], summary="Register a truck's tare")
async def put_tare(vehicle_id: IdInPath, body: TareBody, session: Transaction, principal: Operator) -> TareAnswer:
    """An operator bound to stations registers it for these, one who is bound to none for all."""
    return await tares.put_tare(session, principal, vehicle_id, body)


# --- hauls ------------------------------------------------------------------------------------------------------


@router.post("/v1/stations/{station_id}/containers/{container_id}/seal", tags=["hauls"], summary="A container is full and sealed")
async def post_seal(
    station_id: IdInPath, container_id: IdInPath, body: SealBody, session: Transaction, principal: Operator
) -> SealAnswer:
    return await hauls.seal(session, principal, station_id, container_id, body)


@router.post("/v1/hauls", tags=["hauls"], summary="A sealed container leaves for a plant")
async def post_haul(body: HaulBody, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.leave(session, principal, body)


@router.post("/v1/hauls/{haul_id}/arrival", tags=["hauls"], summary="The container has arrived")
async def post_arrival(haul_id: IdInPath, body: HaulArrival, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.arrive(session, principal, haul_id, body)


@router.post("/v1/hauls/{haul_id}/cancel", tags=["hauls"], summary="It never left")
async def post_cancel(haul_id: IdInPath, body: Voiding, session: Transaction, principal: Operator) -> HaulAnswer:
    return await hauls.cancel(session, principal, haul_id, body)


@router.get("/v1/hauls", tags=["hauls"], summary="Hauls, newest first")
async def list_hauls(
    session: Transaction,
    principal: Reader,
    station_id: IdInQuery = None,
    status: HaulStatus | None = None,
    stream: WasteStream | None = None,
    plant_id: IdInQuery = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[HaulAnswer]:
    asked = filters(station_id=station_id, status=status, stream=stream, destination_plant_id=plant_id)
    return await hauls.list_hauls(session, principal, asked, cursor, limit)


@router.get("/v1/hauls/{haul_id}", tags=["hauls"], summary="A haul")
async def get_haul(haul_id: IdInPath, session: Transaction, principal: Reader) -> HaulAnswer:
    return await hauls.get_haul(session, principal, haul_id)


# --- weighings of other systems ---------------------------------------------------------------------------------


@router.post(
    "/v1/weighing-imports",
    tags=["weighings"],
    summary="Bring in weighings of another system",
    openapi_extra=file_body(WeighingImport),
)
async def import_weighings(
    _: Admin, body: Annotated[WeighingImport, imported(WeighingImport)], session: Transaction
) -> WeighingImportAnswer:
    """Every row is stored, a duplicate, or rejected with its reason; the weights of the three add up to the file's."""
    return await weighings.import_weighings(session, body)


@router.get("/v1/weighings", tags=["weighings"], summary="Imported weighings, newest first")
async def list_weighings(
    session: Transaction,
    _: Annotated[Principal, allow(Role.AUDITOR)],
    source: IdInQuery = None,
    stream: WasteStream | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[WeighingAnswer]:
    return await weighings.list_weighings(session, filters(source=source, stream=stream), cursor, limit)
