"""Endpoints of the incinerator service."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator

from services.incinerator.schemas.emissions import (
    EmissionAnswer,
    ExceedanceAnswer,
    ExceedanceDetail,
    FurnaceBoard,
    Series,
)
from services.incinerator.schemas.intake import (
    EntryAnswer,
    EntryBody,
    IntakeAnswer,
    IntakeDetail,
    LedgerAnswer,
    PlanAnswer,
    PlanBody,
    QuotaAnswer,
    QuotaBody,
    TonnageImport,
    TonnageReport,
    Voiding,
    WeighIn,
    WeighOut,
)
from services.incinerator.schemas.plants import (
    FrameAnswer,
    LoggerAnswer,
    LoggerBody,
    MarkAnswer,
    MarkBody,
    Mn,
    PlantAnswer,
    PlantBody,
)
from services.incinerator.service import board, dispatching, exporting, intake, ledger, marks, reading, registry, tonnage
from shared.auth import Principal, allow
from shared.bodies import Day, Limit, Page, When
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download, filters
from shared.errors import PROBLEMS
from shared.scope import STATIONS
from shared.spreadsheet import FILES, Format
from shared.tables_in.request import file_body, imported
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured, Role, TicketStatus

router = APIRouter(responses=PROBLEMS)

Operator = Annotated[Principal, allow(Role.STATION_OPERATOR, narrows={STATIONS})]
Reader = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.DISPATCHER, Role.AUDITOR, narrows={STATIONS})]
Planner = Annotated[Principal, allow(Role.DISPATCHER)]
Auditor = Annotated[Principal, allow(Role.STATION_OPERATOR, Role.AUDITOR, narrows={STATIONS})]
Admin = Annotated[Principal, allow()]
From = Annotated[When, Query(alias="from")]
To = Annotated[When, Query(alias="to")]


def _written(given: Any) -> Any:
    """A time is written out: a bare number would be taken for seconds since 1970."""
    if isinstance(given, str) and not re.match(r"\d{4}-", given):
        raise ValueError("write a time as 2026-11-16T00:00:00+08:00")
    return given


Since = Annotated[When | None, BeforeValidator(_written), Query(alias="from")]
Until = Annotated[When | None, BeforeValidator(_written), Query(alias="to")]
Shape = Annotated[Literal["json"] | Format, Query(alias="format")]


@router.get("/v1/plants", tags=["plants"], summary="Incineration plants")
async def list_plants(session: Transaction, principal: Reader) -> Page[PlantAnswer]:
    return await registry.list_plants(session, principal)


@router.get("/v1/plants/{plant_id}", tags=["plants"], summary="A plant with its furnace lines")
async def get_plant(plant_id: IdInPath, session: Transaction, principal: Reader) -> PlantAnswer:
    return await registry.get_plant(session, principal, plant_id)


@router.put("/v1/plants/{plant_id}", tags=["plants"], summary="Create or change a plant")
async def put_plant(request: Request, plant_id: IdInPath, body: PlantBody, session: Transaction, _: Admin) -> PlantAnswer:
    """Limits of its own count where they are stricter; changed ones judge anew the days since they are valid."""
    return await registry.put_plant(session, plant_id, body, _zone(request))


@router.get("/v1/loggers", tags=["emissions"], summary="Data loggers, and when each was heard last")
async def list_loggers(session: Transaction, principal: Operator) -> Page[LoggerAnswer]:
    return await registry.list_loggers(session, principal)


@router.put("/v1/loggers/{mn}", tags=["emissions"], summary="Register a data logger")
async def put_logger(mn: Mn, body: LoggerBody, session: Transaction, _: Admin) -> LoggerAnswer:
    """Frames of an MN that is not registered are refused."""
    return await registry.put_logger(session, mn, body)


@router.get("/v1/loggers/{mn}/frames", tags=["emissions"], summary="What a data logger sent, word for word")
async def list_frames(
    mn: Mn, session: Transaction, principal: Operator, start: From, end: To, cursor: Cursor = None, limit: Limit = 100
) -> Page[FrameAnswer]:
    """By the time it came."""
    return await registry.list_frames(session, principal, mn, start, end, cursor, limit)


@router.get("/v1/lines/{line_id}/marks", tags=["emissions"], summary="Operating marks, in the order they were recorded")
async def list_marks(line_id: IdInPath, session: Transaction, principal: Reader) -> Page[MarkAnswer]:
    return await marks.list_marks(session, principal, line_id)


@router.put("/v1/lines/{line_id}/marks", tags=["emissions"], summary="Say in which condition a line is or was")
async def put_mark(request: Request, line_id: IdInPath, body: MarkBody, session: Transaction, principal: Operator) -> MarkAnswer:
    """Data of a time that is marked as other than normal is left out of the judgement; days judged before are judged anew."""
    return await marks.put_mark(session, principal, line_id, body, _zone(request))


@router.get(
    "/v1/lines/{line_id}/emissions",
    tags=["emissions"],
    summary="A line's values, with their validity and marks",
    response_model=Page[EmissionAnswer],
    responses=FILES,
)
async def list_emissions(
    request: Request,
    line_id: IdInPath,
    session: Transaction,
    principal: Reader,
    start: From,
    end: To,
    period: Series = "hourly",
    measured: Measured | None = None,
    kind: Shape = "json",
) -> Any:
    items = await reading.series(session, principal, line_id, period, measured, start, end)
    if kind == "json":
        return Page(items=items)
    return download(exporting.emissions_file(f"{line_id}-{period}", items, kind, _zone(request)))


@router.get("/v1/furnace-board", tags=["emissions"], summary="Five pollutants and the furnace temperature of every line")
async def get_board(request: Request, session: Transaction, principal: Reader) -> FurnaceBoard:
    """Of the furnace temperature `hour` is the newest 5-minute mean and `day` how many were below the limit."""
    return await board.furnace_board(session, principal, _zone(request))


@router.get(
    "/v1/exceedances", tags=["emissions"], summary="What was over a limit", response_model=Page[ExceedanceAnswer], responses=FILES
)
async def list_exceedances(
    request: Request,
    session: Transaction,
    principal: Reader,
    plant_id: IdInQuery = None,
    line_id: IdInQuery = None,
    kind: ExceedanceKind | None = None,
    status: AlertStatus | None = None,
    pollutant: Measured | None = None,
    start: Since = None,
    end: Until = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    shape: Shape = "json",
) -> Any:
    """In the order of the periods; a spreadsheet holds all."""
    asked = filters(plant_id=plant_id, line_id=line_id, kind=kind, status=status, pollutant=pollutant)
    if shape == "json":
        return await reading.list_exceedances(session, principal, asked, start, end, cursor, limit)
    items = await reading.all_exceedances(session, principal, asked, start, end)
    return download(exporting.exceedances_file(items, shape, _zone(request)))


@router.get("/v1/exceedances/{exceedance_id}", tags=["emissions"], summary="An exceedance with its history")
async def get_exceedance(exceedance_id: IdInPath, session: Transaction, principal: Reader) -> ExceedanceDetail:
    return await reading.get_exceedance(session, principal, exceedance_id)


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
    asked = filters(plant_id=plant_id, vehicle_id=vehicle_id, haul_id=haul_id, status=status)
    if shape == "json":
        return await intake.list_intakes(session, principal, asked, start, end, cursor, limit)
    items = await intake.all_intakes(session, principal, asked, start, end)
    return download(exporting.intakes_file(items, shape, _zone(request)))


@router.get("/v1/intakes/{ticket_id}", tags=["intake"], summary="A ticket with its history")
async def get_intake(ticket_id: IdInPath, session: Transaction, principal: Auditor) -> IntakeDetail:
    return await intake.get_intake(session, principal, ticket_id)


@router.post("/v1/intakes/{ticket_id}/weigh-out", tags=["intake"], summary="Weigh the empty truck; the ticket is closed")
async def weigh_out(
    request: Request, ticket_id: IdInPath, body: WeighOut, session: Transaction, principal: Operator
) -> IntakeAnswer:
    return await intake.weigh_out(session, principal, ticket_id, body, _zone(request))


@router.post("/v1/intakes/{ticket_id}/void", tags=["intake"], summary="Void a ticket, with a reason; it is never deleted")
async def void_intake(
    request: Request, ticket_id: IdInPath, body: Voiding, session: Transaction, principal: Operator
) -> IntakeAnswer:
    return await intake.void(session, principal, ticket_id, body, _zone(request))


@router.put("/v1/plants/{plant_id}/entries/{entry_id}", tags=["ledger"], summary="Record what was fed, went out or was produced")
async def put_entry(
    request: Request, plant_id: IdInPath, entry_id: IdInPath, body: EntryBody, session: Transaction, principal: Operator
) -> EntryAnswer:
    return await ledger.put_entry(session, principal, plant_id, entry_id, body, _zone(request))


@router.get(
    "/v1/plants/{plant_id}/ledger", tags=["ledger"], summary="A plant's days", response_model=Page[LedgerAnswer], responses=FILES
)
async def get_ledger(
    request: Request,
    plant_id: IdInPath,
    session: Transaction,
    principal: Auditor,
    day: Day,
    days: Annotated[int, Query(ge=1, le=366)] = 1,
    shape: Shape = "json",
) -> Any:
    """`days` days that end with `day`."""
    items = await ledger.days(session, principal, plant_id, day - timedelta(days=days - 1), day)
    if shape == "json":
        return Page(items=items)
    return download(exporting.ledger_file(plant_id, items, shape, _zone(request)))


@router.put("/v1/plants/{plant_id}/quota", tags=["dispatch"], summary="How much a plant takes a day")
async def put_quota(plant_id: IdInPath, body: QuotaBody, session: Transaction, principal: Operator) -> QuotaAnswer:
    return await dispatching.put_quota(session, principal, plant_id, body)


@router.post("/v1/dispatch-plans", tags=["dispatch"], summary="Say which plant takes which load of a day")
async def make_plan(request: Request, body: PlanBody, session: Transaction, principal: Planner) -> PlanAnswer:
    """A load that its first plant has no room for goes to the next of its plants; a new plan replaces the one before."""
    return await dispatching.make_plan(session, principal, body, _zone(request))


@router.get("/v1/dispatch-plans/{day}", tags=["dispatch"], summary="A day's plan")
async def get_plan(day: Day, session: Transaction, principal: Reader) -> PlanAnswer:
    return await dispatching.get_plan(session, principal, day)


@router.post(
    "/v1/tonnage-imports",
    tags=["ledger"],
    summary="Bring in a history of monthly tonnage",
    openapi_extra=file_body(TonnageImport),
)
async def import_tonnage(
    _: Admin, body: Annotated[TonnageImport, imported(TonnageImport)], session: Transaction
) -> TonnageReport:
    """Every row is stored or named with its reason; the same file again changes nothing."""
    return await tonnage.import_tonnage(session, body)


def _zone(request: Request) -> Any:
    return request.app.state.resources.settings.zone
