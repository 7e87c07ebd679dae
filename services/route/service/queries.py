"""Reading the timetable, runs and stops within the bearer's scope."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.timetable.routes import TimedStop
from services.route.schemas.evidence import LiftAnswer
from services.route.schemas.runs import RunAnswer, RunDetail, RunStop
from services.route.schemas.stops import RulesAnswer, StopDetail, VerdictAnswer
from services.route.schemas.timetables import LineAnswer, RouteAnswer, RouteDetail, ServicePointAnswer
from services.route.store import facts, plan, timetable
from services.route.tables.runs import Run, Stop
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import day_bounds, now
from shared.errors import NotFound
from shared.vocabulary import Verdict

# --- timetable --------------------------------------------------------------------------------------------------


async def list_routes(
    session: AsyncSession, principal: Principal, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[RouteAnswer]:
    rows = await timetable.page_of_routes(session, principal, filters, _after(cursor), limit + 1)
    return _page([RouteAnswer.model_validate(row) for row in rows], "route_id", limit)


async def get_route(session: AsyncSession, principal: Principal, route_id: str) -> RouteDetail:
    route = (await timetable.routes(session, [route_id])).get(route_id)
    if route is None:
        raise NotFound("no such route")
    principal.require_sight("route", vehicle_id=route.vehicle_id, district_id=route.district_id)
    lines = (await timetable.lines(session, [route_id])).get(route_id, [])
    return RouteDetail.model_validate(route.model_dump() | {"stops": [_line(line) for line in lines]})


def _line(stop: TimedStop) -> LineAnswer:
    same = {name: getattr(stop, name) for name in LineAnswer.model_fields if name in stop.__slots__}
    start, end = stop.window_start_second, stop.window_end_second
    times = {"time": _clock(stop.second), "window_start": (start is not None and _clock(start)) or None}
    days = {"weekdays": sorted(stop.weekdays), "window_end": (end is not None and _clock(end)) or None}
    return LineAnswer.model_validate(same | times | days)


def _clock(second: int) -> str:
    """HH:MM:SS; before midnight of the service day with a minus."""
    sign, second = ("-", -second) if second < 0 else ("", second)
    return f"{sign}{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


async def list_points(
    session: AsyncSession, principal: Principal, route_id: str | None, cursor: str | None, limit: int
) -> Page[ServicePointAnswer]:
    rows = await timetable.page_of_points(session, principal, route_id, _after(cursor), limit + 1)
    return _page([ServicePointAnswer.model_validate(row) for row in rows], "service_point_id", limit)


def judgement_rules() -> RulesAnswer:
    rules = {
        "items": reference.judgement_rules(),
        "exceptions": reference.exception_rules(),
        "sweeping": reference.sweeping_rules(),
    }
    return RulesAnswer.model_validate({name: [asdict(version) for version in versions] for name, versions in rules.items()})


# --- runs -------------------------------------------------------------------------------------------------------


async def list_runs(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[RunAnswer]:
    rows = await plan.page_of_runs(session, principal, filters, _after(cursor), limit + 1)
    counts = await plan.verdict_counts(session, [row.run_id for row in rows])
    return _page([RunAnswer.model_validate(_run(row, counts[row.run_id])) for row in rows], "run_id", limit)


async def get_run(session: AsyncSession, principal: Principal, run_id: str) -> RunDetail:
    row = await plan.run(session, run_id)
    if row is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=row.vehicle_id, district_id=row.district_id, contractor_id=row.contractor_id)
    counts = (await plan.verdict_counts(session, [run_id]))[run_id]
    stops = [RunStop.model_validate(_stop(stop)) for stop in await plan.stops_of(session, [run_id])]
    return RunDetail.model_validate(_run(row, counts) | {"stops": stops})


def _run(row: Run, by_verdict: dict[str, int]) -> dict[str, Any]:
    waiting = by_verdict.get(Verdict.PLANNED, 0)
    begun = waiting < row.stop_count or row.begins_at <= now()
    status = "done" if not waiting else "running" if begun else "planned"
    return row.model_dump() | {"route_name": row.name, "status": status, "by_verdict": by_verdict}


async def get_stop(session: AsyncSession, principal: Principal, stop_id: str) -> StopDetail:
    """The stop with every judgement it has had, oldest first."""
    row = await plan.stop(session, stop_id)
    if row is None:
        raise NotFound("no such stop")
    principal.require_sight("stop", vehicle_id=row.vehicle_id, district_id=row.district_id, contractor_id=row.contractor_id)
    history = [
        VerdictAnswer.model_validate(verdict.model_dump() | {"evidence": verdict.evidence or {}})
        for verdict in await plan.history(session, stop_id)
    ]
    return StopDetail.model_validate(_stop(row) | {"history": history})


def _stop(row: Stop) -> dict[str, Any]:
    evidence = row.evidence or {}
    return row.model_dump() | {"verdict_revision": row.revision, "evidence": evidence, "coverage": evidence.get("coverage")}


async def list_unmatched_lifts(
    session: AsyncSession, day: date, zone: ZoneInfo, cursor: str | None, limit: int
) -> Page[LiftAnswer]:
    """Lifts of a local day that count for no stop, oldest first."""
    key = decode_cursor(cursor, datetime, str)
    start, end = day_bounds(day, zone)
    rows = await facts.unmatched_lifts(session, start, end, (key[0], key[1]) if key else None, limit + 1)
    items = [LiftAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.lift_id))


# --- pages ------------------------------------------------------------------------------------------------------


def _after(cursor: str | None) -> str | None:
    key = decode_cursor(cursor, str)
    return key[0] if key else None


def _page(items: list[Any], key: str, limit: int) -> Page[Any]:
    more = len(items) > limit
    return Page(items=items[:limit], next_cursor=encode_cursor(getattr(items[limit - 1], key)) if more else None)
