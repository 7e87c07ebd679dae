"""Endpoints: timetables, routes, service points and the calendar."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.route.api.access import Admin, Planner, ReaderOfRules, ReaderOfTimetable
from services.route.domain.timetable.routes import RouteFilters
from services.route.schemas.calendar import CalendarAnswer, SpecialDayAnswer, SpecialDayBody
from services.route.schemas.timetables import (
    Assignment,
    AssignmentAnswer,
    ImportAnswer,
    RouteAnswer,
    RouteDetail,
    ServicePointAnswer,
    TimetableImport,
)
from services.route.service import calendars, queries, run_plans, timetables
from shared.bodies import Code, Limit, Page, ServiceDay
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery
from shared.errors import PROBLEMS
from shared.tables_in.request import file_body, imported

router = APIRouter(responses=PROBLEMS)


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
    session: Transaction,
    principal: ReaderOfTimetable,
    vehicle_id: IdInQuery = None,
    district_id: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RouteAnswer]:
    filters = RouteFilters(vehicle_id=vehicle_id, within_district=district_id)
    return await queries.list_routes(session, principal, filters, cursor, limit)


@router.get("/v1/routes/{route_id}", tags=["timetable"], summary="A route with its timetable")
async def get_route(route_id: IdInPath, session: Transaction, principal: ReaderOfTimetable) -> RouteDetail:
    return await queries.get_route(session, principal, route_id)


@router.put("/v1/routes/{route_id}/vehicle", tags=["timetable"], summary="Give a route to a vehicle")
async def assign_vehicle(route_id: IdInPath, body: Assignment, session: Transaction, principal: Planner) -> AssignmentAnswer:
    """For runs made later and those that have not begun."""
    return await run_plans.assign_vehicle(session, principal, route_id, body.vehicle_id)


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
    session: Transaction, principal: Planner, route_id: IdInQuery = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[ServicePointAnswer]:
    return await queries.list_points(session, principal, route_id, cursor, limit)
