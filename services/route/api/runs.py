"""Endpoints: runs, their stops and the verdicts on them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.route.api.access import Dispatcher, Follower, Planner, Reader, ReaderOfRules, WholeCity
from services.route.domain.runs import RunFilters
from services.route.schemas.evidence import LiftAnswer
from services.route.schemas.runs import PlanAnswer, PlanBody, RunAnswer, RunDetail
from services.route.schemas.stops import RulesAnswer, Ruling, StopDetail
from services.route.service import exports, queries, run_plans, verdict_records
from shared.bodies import Code, Limit, Page, ServiceDay
from shared.db import Transaction
from shared.endpoints import Cursor, IdInPath, IdInQuery, download
from shared.errors import PROBLEMS
from shared.spreadsheet import FILES, Format
from shared.vocabulary import Task

router = APIRouter(responses=PROBLEMS)


@router.post("/v1/runs/plans", tags=["runs"], summary="Make a day's runs")
async def plan_runs(request: Request, body: PlanBody, session: Transaction, principal: Planner) -> PlanAnswer:
    """Runs that are there already stay as they are. Today's and tomorrow's are made without asking."""
    zone = request.app.state.resources.settings.zone
    return await run_plans.plan_runs(session, body.service_day, zone, principal)


@router.get("/v1/runs", tags=["runs"], summary="Runs, by day")
async def list_runs(
    session: Transaction,
    principal: Reader,
    service_day: ServiceDay | None = None,
    vehicle_id: IdInQuery = None,
    route_id: IdInQuery = None,
    district_id: Code | None = None,
    task: Task | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RunAnswer]:
    filters = RunFilters(
        service_day=service_day, vehicle_id=vehicle_id, route_id=route_id, within_district=district_id, task=task
    )
    return await queries.list_runs(session, principal, filters, cursor, limit)


@router.get("/v1/runs/{run_id}", tags=["runs"], summary="A run with its stops and their verdicts")
async def get_run(run_id: IdInPath, session: Transaction, principal: Reader) -> RunDetail:
    return await queries.get_run(session, principal, run_id)


@router.get(
    "/v1/runs/{run_id}/stops",
    tags=["progress"],
    summary="A run's stops as a spreadsheet",
    response_class=Response,
    responses=FILES,
)
async def export_run(
    request: Request,
    run_id: IdInPath,
    session: Transaction,
    principal: Reader,
    kind: Annotated[Format, Query(alias="format")] = "csv",
) -> Response:
    """Times of the city's own clock."""
    run = await queries.get_run(session, principal, run_id)
    return download(exports.run_file(run, kind, request.app.state.resources.settings.zone))


@router.get("/v1/stops/{stop_id}", tags=["runs"], summary="A stop with every judgement it has had")
async def get_stop(stop_id: IdInPath, session: Transaction, principal: Follower) -> StopDetail:
    return await queries.get_stop(session, principal, stop_id)


@router.put("/v1/stops/{stop_id}/ruling", tags=["runs"], summary="Decide over the rules, with a reason")
async def rule_on_stop(stop_id: IdInPath, body: Ruling, session: Transaction, principal: Dispatcher) -> StopDetail:
    """The history keeps who, why and what the rules found; they go on judging beneath the ruling."""
    await verdict_records.rule(session, principal, stop_id, body.verdict, body.reason)
    return await queries.get_stop(session, principal, stop_id)


@router.get("/v1/judgement-rules", tags=["runs"], summary="The tolerances stops are judged by")
async def get_judgement_rules(_: ReaderOfRules) -> RulesAnswer:
    return queries.judgement_rules()


@router.get("/v1/unmatched-lifts", tags=["runs"], summary="Bin lifts that count for no stop")
async def list_unmatched_lifts(
    request: Request,
    session: Transaction,
    _: WholeCity,
    service_day: ServiceDay,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[LiftAnswer]:
    """For who sees the whole city: nobody knows yet whose they are."""
    zone = request.app.state.resources.settings.zone
    return await queries.list_unmatched_lifts(session, service_day, zone, cursor, limit)
