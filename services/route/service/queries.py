"""Reading the timetable, runs and stops within the bearer's scope."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.runs import Run, RunFilters
from services.route.domain.timetable.routes import RouteFilters
from services.route.schemas.evidence import LiftAnswer
from services.route.schemas.runs import RunAnswer, RunDetail, RunStop
from services.route.schemas.stops import RulesAnswer, StopDetail, VerdictAnswer
from services.route.schemas.timetables import LineAnswer, RouteAnswer, RouteDetail, ServicePointAnswer
from services.route.store import facts, plan, timetable
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import day_bounds, now
from shared.errors import NotFound
from shared.vocabulary import Verdict

# --- timetable --------------------------------------------------------------------------------------------------


async def list_routes(
    session: AsyncSession, principal: Principal, filters: RouteFilters, cursor: str | None, limit: int
) -> Page[RouteAnswer]:
    routes = await timetable.page_of_routes(session, principal, filters, _after(cursor), limit + 1)
    return _page([RouteAnswer.model_validate(route) for route in routes], "route_id", limit)


async def get_route(session: AsyncSession, principal: Principal, route_id: str) -> RouteDetail:
    route = (await timetable.routes(session, [route_id])).get(route_id)
    if route is None:
        raise NotFound("no such route")
    principal.require_sight("route", vehicle_id=route.vehicle_id, district_id=route.district_id)
    lines = (await timetable.lines(session, [route_id])).get(route_id, [])
    return RouteDetail.describing(route, stops=[LineAnswer.of(line) for line in lines])


async def list_points(
    session: AsyncSession, principal: Principal, route_id: str | None, cursor: str | None, limit: int
) -> Page[ServicePointAnswer]:
    points = await timetable.page_of_points(session, principal, route_id, _after(cursor), limit + 1)
    return _page([ServicePointAnswer.model_validate(point) for point in points], "service_point_id", limit)


def judgement_rules() -> RulesAnswer:
    rules = {
        "items": rulebooks.JUDGEMENT_RULES.versions,
        "exceptions": rulebooks.EXCEPTION_RULES.versions,
        "sweeping": rulebooks.SWEEPING_RULES.versions,
    }
    return RulesAnswer.model_validate({name: [asdict(version) for version in versions] for name, versions in rules.items()})


# --- runs -------------------------------------------------------------------------------------------------------


async def list_runs(
    session: AsyncSession, principal: Principal, filters: RunFilters, cursor: str | None, limit: int
) -> Page[RunAnswer]:
    runs = await plan.page_of_runs(session, principal, filters, _after(cursor), limit + 1)
    counts = await plan.verdict_counts(session, [run.run_id for run in runs])
    return _page([_run(run, counts[run.run_id]) for run in runs], "run_id", limit)


def _run(run: Run, by_verdict: dict[str, int]) -> RunAnswer:
    status = run.status(by_verdict.get(Verdict.PLANNED, 0), now())
    return RunAnswer.describing(run, route_name=run.name, status=status, by_verdict=by_verdict)


async def get_run(session: AsyncSession, principal: Principal, run_id: str) -> RunDetail:
    run = await plan.run(session, run_id)
    if run is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=run.vehicle_id, district_id=run.district_id, contractor_id=run.contractor_id)
    counts = (await plan.verdict_counts(session, [run_id]))[run_id]
    stops = [RunStop.of(stop) for stop in await plan.stops_of(session, [run_id])]
    return RunDetail.describing(_run(run, counts), stops=stops)


async def get_stop(session: AsyncSession, principal: Principal, stop_id: str) -> StopDetail:
    """The stop with every judgement it has had, oldest first."""
    stop = await plan.stop(session, stop_id)
    if stop is None:
        raise NotFound("no such stop")
    principal.require_sight("stop", vehicle_id=stop.vehicle_id, district_id=stop.district_id, contractor_id=stop.contractor_id)
    history = [VerdictAnswer.model_validate(verdict) for verdict in await plan.history(session, stop_id)]
    return StopDetail.of(stop, history=history)


async def list_unmatched_lifts(
    session: AsyncSession, day: date, zone: ZoneInfo, cursor: str | None, limit: int
) -> Page[LiftAnswer]:
    """Lifts of a local day that count for no stop, oldest first."""
    key = decode_cursor(cursor, datetime, str)
    start, end = day_bounds(day, zone)
    lifts = await facts.unmatched_lifts(session, start, end, (key[0], key[1]) if key else None, limit + 1)
    items = [LiftAnswer.model_validate(lift) for lift in lifts[:limit]]
    last = items[-1] if len(lifts) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.lift_id))


# --- pages ------------------------------------------------------------------------------------------------------


def _after(cursor: str | None) -> str | None:
    key = decode_cursor(cursor, str)
    return key[0] if key else None


def _page(items: list[Any], key: str, limit: int) -> Page[Any]:
    more = len(items) > limit
    return Page(items=items[:limit], next_cursor=encode_cursor(getattr(items[limit - 1], key)) if more else None)
