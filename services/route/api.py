"""Endpoints of the route service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.route.schemas import (
    Assignment,
    AssignmentAnswer,
    CalendarAnswer,
    EvidenceAnswer,
    ImportAnswer,
    LiftAnswer,
    PlanAnswer,
    PlanBody,
    RouteAnswer,
    RouteDetail,
    RulesAnswer,
    Ruling,
    RunAnswer,
    RunDetail,
    ServicePointAnswer,
    SpecialDayAnswer,
    SpecialDayBody,
    StopDetail,
    TimetableImport,
)
from services.route.schemas.orders import Cancellation, OrderAnswer, OrderBody, OrderDetail, OrderReply
from services.route.schemas.progress import GroupBy, ProgressAnswer, RunProgress
from services.route.schemas.sections import PassesAnswer, SectionAnswer, SectionImport, SectionImportAnswer
from services.route.schemas.violations import ViolationAnswer
from services.route.service import (
    calendars,
    deciding,
    evidence,
    exporting,
    orders,
    planning,
    progress,
    reading,
    sections,
    timetables,
    violations,
)
from shared.auth import Principal, allow
from shared.bodies import ID_PATTERN, Code, Latitude, Limit, Longitude, Page, ServiceDay, When
from shared.db import Transaction
from shared.errors import PROBLEMS
from shared.scope import BINDINGS, CONTRACTORS, DISTRICTS, VEHICLES
from shared.spreadsheet import FILES, File, Format
from shared.tables_in.request import file_body, imported
from shared.vocabulary import OrderStatus, Role, Task, ViolationStatus, WasteStream

router = APIRouter(responses=PROBLEMS)

Dispatcher = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS, CONTRACTORS})]
Planner = Annotated[Principal, allow(Role.DISPATCHER, narrows={DISTRICTS})]
"""Timetable and road sections belong to a district and to no contractor."""
WholeCity = Annotated[Principal, allow(Role.DISPATCHER)]
Evaluator = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows={DISTRICTS, CONTRACTORS})]
EvaluatorOfDistricts = Annotated[Principal, allow(Role.DISPATCHER, Role.AUDITOR, narrows={DISTRICTS})]
Admin = Annotated[Principal, allow()]
Reader = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]
ReaderOfTimetable = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows={VEHICLES, DISTRICTS})]
ReaderOfRules = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, narrows=BINDINGS)]
Follower = Annotated[Principal, allow(Role.DISPATCHER, Role.DEVICE, Role.AUDITOR, narrows={VEHICLES, DISTRICTS, CONTRACTORS})]
"""Of links to evidence: the quality office, too."""
InPath = Annotated[str, Path(pattern=ID_PATTERN)]
InQuery = Annotated[str | None, Query(pattern=ID_PATTERN)]
RoadLevel = Annotated[int | None, Query(ge=1, le=4)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.post(
    "/v1/timetable-imports", tags=["timetable"], summary="Bring in a city's timetable", openapi_extra=file_body(TimetableImport)
)
async def import_timetable(
    principal: Planner, body: Annotated[TimetableImport, imported(TimetableImport)], session: Transaction
) -> ImportAnswer:
    """Every row becomes a stop or is named in `rejected`. A route in the file replaces that route's timetable; the same
    file again changes nothing. Runs already made keep their stops."""
    return await timetables.import_timetable(session, principal, body)


@router.get("/v1/routes", tags=["timetable"], summary="Routes")
async def list_routes(
    session: Transaction, principal: ReaderOfTimetable, vehicle_id: InQuery = None, district_id: Code | None = None,
    cursor: Cursor = None, limit: Limit = 100,
) -> Page[RouteAnswer]:  # fmt: skip
    filters = _given(vehicle_id=vehicle_id, district_id=district_id)
    return await reading.list_routes(session, principal, filters, cursor, limit)


@router.get("/v1/routes/{route_id}", tags=["timetable"], summary="A route with its timetable")
async def get_route(route_id: InPath, session: Transaction, principal: ReaderOfTimetable) -> RouteDetail:
    return await reading.get_route(session, principal, route_id)


@router.put("/v1/routes/{route_id}/vehicle", tags=["timetable"], summary="Give a route to a vehicle")
async def assign_vehicle(route_id: InPath, body: Assignment, session: Transaction, principal: Planner) -> AssignmentAnswer:
    """For runs made later and those that have not begun."""
    return await planning.assign_vehicle(session, principal, route_id, body.vehicle_id)


@router.get("/v1/calendar", tags=["timetable"], summary="Public holidays and made-up working days")
async def get_calendar(
    session: Transaction,
    _: ReaderOfRules,
    start: Annotated[ServiceDay, Query(alias="from")],
    end: Annotated[ServiceDay, Query(alias="to")],
) -> CalendarAnswer:
    """As shipped (State Council notices), changed by what this city said itself."""
    return await calendars.special_days(session, start, end)


@router.put("/v1/calendar/{day}", tags=["timetable"], summary="Say what a day is in this city")
async def put_calendar_day(day: ServiceDay, body: SpecialDayBody, session: Transaction, _: Admin) -> SpecialDayAnswer:
    """Runs made from now on follow it; runs already made stay as they are."""
    return await calendars.put_day(session, day, body)


@router.get("/v1/service-points", tags=["timetable"], summary="Where waste is collected")
async def list_service_points(
    session: Transaction, principal: Planner, route_id: InQuery = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[ServicePointAnswer]:
    return await reading.list_points(session, principal, route_id, cursor, limit)


@router.post("/v1/section-imports", tags=["sections"], summary="Bring in road sections", openapi_extra=file_body(SectionImport))
async def import_sections(
    principal: Planner, body: Annotated[SectionImport, imported(SectionImport)], session: Transaction
) -> SectionImportAnswer:
    """Streets to be swept, flushed, disinfected or collected from door to door: every feature becomes a section or is named in
    `rejected`. The same file again changes nothing; runs already made keep the lines they have."""
    return await sections.import_sections(session, principal, body)


@router.get(
    "/v1/sections", tags=["sections"], summary="Road sections", response_model=Page[SectionAnswer],
    responses={200: {"content": {"application/geo+json": {}}}},
)  # fmt: skip
async def list_sections(
    session: Transaction, principal: EvaluatorOfDistricts, district_id: Code | None = None, road_level: RoadLevel = None,
    shape: Annotated[Literal["json", "geojson"], Query(alias="format")] = "json", cursor: Cursor = None, limit: Limit = 100,
) -> Any:  # fmt: skip
    """A 6-digit district includes its subdistricts."""
    page = await sections.list_sections(session, principal, _given(district_id=district_id, road_level=road_level), cursor, limit)
    if shape == "geojson":
        return JSONResponse(sections.as_geojson(page), media_type="application/geo+json")
    return page


@router.get(
    "/v1/sections/passes", tags=["sections"], summary="Passes over road sections against what their levels ask",
    response_model=Page[PassesAnswer], responses=FILES,
)  # fmt: skip
async def list_passes(
    request: Request, session: Transaction, principal: EvaluatorOfDistricts, service_day: ServiceDay,
    district_id: Code | None = None, road_level: RoadLevel = None, defects: bool = False, cursor: Cursor = None,
    limit: Limit = 100, kind: Annotated[Literal["json"] | Format, Query(alias="format")] = "json",
) -> Any:  # fmt: skip
    """A page holds all tasks of `limit` sections; with `defects=true` only those with too few planned or too few done. A
    spreadsheet holds all."""
    filters = _given(district_id=district_id, road_level=road_level)
    if kind == "json":
        return await sections.list_passes(session, principal, service_day, filters, defects, cursor, limit)
    items = await sections.all_passes(session, principal, service_day, filters, defects)
    return _download(exporting.passes_file(items, service_day, kind, request.app.state.resources.settings.zone))


@router.post("/v1/runs/plans", tags=["runs"], summary="Make a day's runs")
async def plan_runs(request: Request, body: PlanBody, session: Transaction, principal: Planner) -> PlanAnswer:
    """Runs that are there already stay as they are. Today's and tomorrow's are made without asking."""
    zone = request.app.state.resources.settings.zone
    return await planning.plan_runs(session, body.service_day, zone, principal)


@router.get("/v1/runs", tags=["runs"], summary="Runs, by day")
async def list_runs(
    session: Transaction, principal: Reader, service_day: ServiceDay | None = None, vehicle_id: InQuery = None,
    route_id: InQuery = None, district_id: Code | None = None, task: Task | None = None, cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RunAnswer]:  # fmt: skip
    where = {"service_day": service_day, "vehicle_id": vehicle_id, "route_id": route_id, "district_id": district_id}
    filters = _given(**where, task=task and task.value)
    return await reading.list_runs(session, principal, filters, cursor, limit)


@router.get("/v1/runs/{run_id}", tags=["runs"], summary="A run with its stops and their verdicts")
async def get_run(run_id: InPath, session: Transaction, principal: Reader) -> RunDetail:
    return await reading.get_run(session, principal, run_id)


@router.get("/v1/runs/{run_id}/progress", tags=["progress"], summary="How far a run is, and when it will be done")
async def get_run_progress(run_id: InPath, session: Transaction, principal: Reader) -> RunProgress:
    return await progress.of_run(session, principal, run_id)


@router.get(
    "/v1/runs/{run_id}/stops",
    tags=["progress"],
    summary="A run's stops as a spreadsheet",
    response_class=Response,
    responses=FILES,
)
async def export_run(
    request: Request, run_id: InPath, session: Transaction, principal: Reader,
    kind: Annotated[Format, Query(alias="format")] = "csv",
) -> Response:  # fmt: skip
    """Times of the city's own clock."""
    run = await reading.get_run(session, principal, run_id)
    return _download(exporting.run_file(run, kind, request.app.state.resources.settings.zone))


@router.get(
    "/v1/progress", tags=["progress"], summary="A day's stops by district, contractor or route",
    response_model=ProgressAnswer, responses=FILES,
)  # fmt: skip
async def get_progress(
    request: Request, session: Transaction, principal: Evaluator, service_day: ServiceDay, by: GroupBy = "district",
    kind: Annotated[Literal["json"] | Format, Query(alias="format")] = "json",
) -> Any:  # fmt: skip
    """How many are done, and how many of these on time; as JSON or as a spreadsheet."""
    answer = await progress.of_day(session, principal, service_day, by)
    return (
        answer if kind == "json" else _download(exporting.progress_file(answer, kind, request.app.state.resources.settings.zone))
    )


@router.get("/v1/stops/{stop_id}", tags=["runs"], summary="A stop with every judgement it has had")
async def get_stop(stop_id: InPath, session: Transaction, principal: Follower) -> StopDetail:
    return await reading.get_stop(session, principal, stop_id)


@router.put("/v1/stops/{stop_id}/ruling", tags=["runs"], summary="Decide over the rules, with a reason")
async def rule_on_stop(stop_id: InPath, body: Ruling, session: Transaction, principal: Dispatcher) -> StopDetail:
    """The history keeps who, why and what the rules found; they go on judging beneath the ruling."""
    await deciding.rule(session, principal, stop_id, body.verdict, body.reason)
    return await reading.get_stop(session, principal, stop_id)


@router.get("/v1/judgement-rules", tags=["runs"], summary="The tolerances stops are judged by")
async def get_judgement_rules(_: ReaderOfRules) -> RulesAnswer:
    return reading.judgement_rules()


@router.get("/v1/service-evidence", tags=["evidence"], summary="Did the city serve this place?")
async def get_service_evidence(
    request: Request, session: Transaction, principal: EvaluatorOfDistricts, lon: Annotated[Longitude, Query()],
    lat: Annotated[Latitude, Query()], start: Annotated[When, Query(alias="from")], end: Annotated[When, Query(alias="to")],
    stream: WasteStream | None = None, task: Task | None = None,
) -> EvidenceAnswer:  # fmt: skip
    """The stops and the passes over road sections planned around a WGS-84 place in that time, what became of each and how we
    know, and one sentence of it."""
    zone = request.app.state.resources.settings.zone
    return await evidence.service_evidence(
        session, principal, lon, lat, start, end, stream and stream.value, zone, task and task.value
    )


@router.post("/v1/orders", tags=["orders"], summary="Tell a truck what to do")
async def give_order(
    request: Request, body: Annotated[OrderBody, Body()], session: Transaction, principal: Dispatcher
) -> OrderDetail:
    """It goes out with the answer to the truck's next telemetry. An extra pick-up is a run of one stop, judged as every stop
    and done when that is served; a take-over moves what a run has left to this truck."""
    return await orders.give(session, principal, body, request.app.state.resources.settings.zone)


@router.get("/v1/orders", tags=["orders"], summary="Dispatch orders, newest first")
async def list_orders(
    session: Transaction, principal: Reader, vehicle_id: InQuery = None, status: OrderStatus | None = None,
    overdue: bool = False, district_id: Code | None = None, cursor: Cursor = None, limit: Limit = 100,
) -> Page[OrderAnswer]:  # fmt: skip
    """A device sees those of its own vehicle. `overdue=true`: only those that wait beyond their time."""
    filters = _given(vehicle_id=vehicle_id, status=status and status.value, district_id=district_id)
    return await orders.list_orders(session, principal, filters, overdue, cursor, limit)


@router.get("/v1/orders/{order_id}", tags=["orders"], summary="An order with all that was said of it")
async def get_order(order_id: InPath, session: Transaction, principal: Reader) -> OrderDetail:
    return await orders.get_order(session, principal, order_id)


@router.post("/v1/orders/{order_id}/answers", tags=["orders"], summary="Accept, refuse or report it done")
async def answer_order(order_id: InPath, body: OrderReply, session: Transaction, principal: Reader) -> OrderDetail:
    """By the onboard unit, or by a dispatcher for a driver on the phone. The same again changes nothing; an answer that arrives
    late counts at its own time. The status in the answer is what holds: an order may be cancelled meanwhile."""
    return await orders.reply(session, principal, order_id, body)


@router.post("/v1/orders/{order_id}/cancel", tags=["orders"], summary="Take an order back")
async def cancel_order(order_id: InPath, body: Cancellation, session: Transaction, principal: Dispatcher) -> OrderDetail:
    """The stop of an extra pick-up is excepted; stops that were taken over stay with their truck until another takes them."""
    return await orders.cancel(session, principal, order_id, body.note)


@router.get("/v1/violations", tags=["evidence"], summary="Lifts that mixed waste")
async def list_violations(
    session: Transaction, principal: Evaluator, service_day: ServiceDay | None = None, vehicle_id: InQuery = None,
    district_id: Code | None = None, contractor_id: Code | None = None, status: ViolationStatus | None = None,
    cursor: Cursor = None, limit: Limit = 100,
) -> Page[ViolationAnswer]:  # fmt: skip
    """Found when a lift is matched to its stop; `withdrawn` when late data showed that it never was."""
    where = {"service_day": service_day, "vehicle_id": vehicle_id, "district_id": district_id, "contractor_id": contractor_id}
    return await violations.list_violations(session, principal, _given(**where, status=status), cursor, limit)


@router.get("/v1/violations/{violation_id}", tags=["evidence"], summary="A lift that mixed waste, and what is known of it")
async def get_violation(violation_id: InPath, session: Transaction, principal: Evaluator) -> ViolationAnswer:
    return await violations.get(session, principal, violation_id)


@router.get("/v1/unmatched-lifts", tags=["runs"], summary="Bin lifts that count for no stop")
async def list_unmatched_lifts(
    request: Request, session: Transaction, _: WholeCity, service_day: ServiceDay, cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[LiftAnswer]:  # fmt: skip
    """For who sees the whole city: nobody knows yet whose they are."""
    zone = request.app.state.resources.settings.zone
    return await reading.list_unmatched_lifts(session, service_day, zone, cursor, limit)


def _download(file: File) -> Response:
    return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": file.disposition})


def _given(**filters: Any) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
