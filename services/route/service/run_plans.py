"""A day's runs are made from the timetable, and driven by the vehicle their route has."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.timetable.calendar import PlannedRun, runs_on
from services.route.schemas.runs import PlanAnswer
from services.route.schemas.timetables import AssignmentAnswer
from services.route.service import calendars, trucks
from services.route.store import judgements, plan, sections, timetable
from shared.auth import Principal
from shared.calendar import counts_as
from shared.clock import now, service_day
from shared.errors import NotFound
from shared.events.route import PlannedStop, RunPlanned
from shared.outbox import publish
from shared.versions import in_force
from shared.vocabulary import Task, WasteStream

SHOWN = tuple(PlannedStop.model_fields)


async def plan_runs(session: AsyncSession, day: date, zone: ZoneInfo, principal: Principal | None = None) -> PlanAnswer:
    """Make the runs of a service day that are not there yet; runs that are there keep their stops."""
    await plan.lock_planning(session)
    there = await plan.runs_planned(session, day, principal)
    rules = in_force(reference.judgement_rules(), day)
    missing = [run for run in await _due_runs(session, day, zone, rules, principal) if run.run_id not in there]
    if missing:
        await _add(session, missing, rules)
    stops = sum(there.values()) + sum(len(run.stops) for run in missing)
    return PlanAnswer(service_day=day, runs=len(there) + len(missing), stops=stops, runs_created=len(missing))


async def _due_runs(
    session: AsyncSession, day: date, zone: ZoneInfo, rules: JudgementRules, principal: Principal | None
) -> list[PlannedRun]:
    calendar = await calendars.calendar(session, day, day)
    possible = {day.isoweekday(), counts_as(day, calendar)}
    routes = [route for route in await timetable.all_routes(session, principal) if possible & set(route.weekdays)]
    lines = await timetable.lines(session, [route.route_id for route in routes])
    return runs_on([timetable.timed(route, lines[route.route_id]) for route in routes], day, zone, rules, calendar)


async def _add(session: AsyncSession, runs: list[PlannedRun], rules: JudgementRules) -> None:
    at = now()
    owners = await trucks.contractors(session, {run.vehicle_id for run in runs if run.vehicle_id})
    lines = await sections.lines(session, {stop.section_id for run in runs for stop in run.stops if stop.section_id})
    stops = {run.run_id: _stop_rows(run, rules, owners.get(run.vehicle_id), lines) for run in runs}
    rows = [_run_row(run, at) | {"contractor_id": owners.get(run.vehicle_id)} for run in runs]
    await plan.add_runs(session, rows, [stop for of_run in stops.values() for stop in of_run])
    await publish(session, *(run_planned(row, stops[row["run_id"]], at) for row in rows))
    begun = {(run.vehicle_id, run.service_day) for run, row in zip(runs, rows, strict=True) if row["begins_at"] <= at}
    await judgements.queue(session, [(vehicle_id, day) for vehicle_id, day in begun if vehicle_id], at)
    await plan.raise_plan_version(session)


def _run_row(run: PlannedRun, at: datetime) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "route_id": run.route_id,
        "name": run.route_name,
        "service_day": run.service_day,
        "vehicle_id": run.vehicle_id,
        "district_id": run.district_id,
        "stream": run.stream,
        "task": run.task,
        "stop_count": len(run.stops),
        "begins_at": min(stop.window_start for stop in run.stops),
        "order_id": None,
        "revision": 1,
        "created_at": at,
    }


def _stop_rows(
    run: PlannedRun, rules: JudgementRules, contractor_id: str | None, lines: dict[str, list[list[float]]]
) -> list[dict[str, Any]]:
    of_run = {"run_id": run.run_id, "service_day": run.service_day, "vehicle_id": run.vehicle_id, "district_id": run.district_id}
    of_run |= {"contractor_id": contractor_id}
    return [
        of_run
        | {name: getattr(stop, name) for name in stop.__slots__}
        | {"key": stop.stop_id.removeprefix(f"{run.run_id}:"), "deadline": stop.window_end + rules.grace}
        | {"verdict": "planned", "revision": 0, "not_before": None, "line": lines.get(stop.section_id or "")}
        for stop in run.stops
    ]


def run_planned(run: dict[str, Any], stops: list[dict[str, Any]], at: datetime) -> RunPlanned:
    """The run as others hear of it; rows of the tables."""
    return RunPlanned(
        run_id=run["run_id"],
        revision=run["revision"],
        planned_at=at,
        route_id=run["route_id"],
        route_name=run["name"],
        service_day=run["service_day"],
        vehicle_id=run["vehicle_id"],
        contractor_id=run["contractor_id"],
        district_id=run["district_id"],
        stream=WasteStream(run["stream"]),
        task=Task(run["task"]),
        stops=[PlannedStop.model_validate({name: stop[name] for name in SHOWN}) for stop in stops],
    )


async def plan_coming_days(session: AsyncSession, zone: ZoneInfo) -> None:
    """Today and tomorrow."""
    today = service_day(now(), zone)
    for day in (today, today + timedelta(days=1)):
        await plan_runs(session, day, zone)


# --- who drives -------------------------------------------------------------------------------------------------


async def assign_vehicle(session: AsyncSession, principal: Principal, route_id: str, vehicle_id: str | None) -> AssignmentAnswer:
    """The route's vehicle from now on, also of its runs that have not begun."""
    await plan.lock_planning(session)
    route = (await timetable.routes(session, [route_id])).get(route_id)
    if route is None:
        raise NotFound("no such route")
    principal.require_sight("route", vehicle_id=route.vehicle_id, district_id=route.district_id)
    if vehicle_id is not None:
        await trucks.require_fits(session, vehicle_id, route.task, route.stream)
    if route.vehicle_id != vehicle_id:
        await timetable.put_routes(session, [route.model_dump() | {"vehicle_id": vehicle_id, "revision": route.revision + 1}])
    changed = await give_coming_runs(session, route_id, vehicle_id)
    if changed or route.vehicle_id != vehicle_id:
        await plan.raise_plan_version(session)
    return AssignmentAnswer(route_id=route_id, vehicle_id=vehicle_id, runs_changed=changed)


async def give_coming_runs(session: AsyncSession, route_id: str, vehicle_id: str | None) -> int:
    """Runs that have not begun go to this vehicle; how many did. The caller raises the plan's version."""
    at = now()
    runs = [run for run in await plan.runs_not_begun(session, route_id, at) if run["vehicle_id"] != vehicle_id]
    if not runs:
        return 0
    ids = [run["run_id"] for run in runs]
    drivers = {(driver, run["service_day"]) for run in runs for driver in (run["vehicle_id"], vehicle_id)}
    # The queue before the stops, as the judge does, or the two could wait for each other.
    await judgements.queue(session, [(driver, day) for driver, day in drivers if driver], at)
    contractor_id = (await trucks.contractors(session, {vehicle_id})).get(vehicle_id) if vehicle_id else None
    await plan.give_runs(session, ids, vehicle_id, contractor_id)
    stops: dict[str, list[dict[str, Any]]] = {run_id: [] for run_id in ids}
    for stop in await plan.stops_of(session, ids):
        stops[stop.run_id].append(stop.model_dump())
    new = {"vehicle_id": vehicle_id, "contractor_id": contractor_id}
    given = [run | new | {"revision": run["revision"] + 1} for run in runs]
    await publish(session, *(run_planned(run, stops[run["run_id"]], at) for run in given))
    return len(runs)
