"""A day's runs are made from the timetable, and driven by the vehicle their route has."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.runs import Run
from services.route.domain.stops import Stop
from services.route.domain.timetable.calendar import PlannedRun, runs_on
from services.route.schemas.runs import PlanAnswer
from services.route.schemas.timetables import AssignmentAnswer
from services.route.service import calendars
from services.route.service.trucks import require_fits
from services.route.store import judgements, plan, sections, timetable, trucks
from shared.auth import Principal
from shared.calendar import counts_as
from shared.clock import now, service_day
from shared.errors import NotFound
from shared.events.route import PlannedStop, RunPlanned
from shared.outbox import publish


async def plan_runs(session: AsyncSession, day: date, zone: ZoneInfo, principal: Principal | None = None) -> PlanAnswer:
    """Make the runs of a service day that are not there yet; runs that are there keep their stops."""
    await plan.lock_planning(session)
    there = await plan.runs_planned(session, day, principal)
    rules = rulebooks.JUDGEMENT_RULES.on(day)
    due = await _due_runs(session, day, zone, rules, principal)
    missing = [planned for planned in due if planned.run.run_id not in there]
    if missing:
        await _add(session, missing)
    stops = sum(there.values()) + sum(len(planned.stops) for planned in missing)
    return PlanAnswer(service_day=day, runs=len(there) + len(missing), stops=stops, runs_created=len(missing))


async def _due_runs(
    session: AsyncSession, day: date, zone: ZoneInfo, rules: JudgementRules, principal: Principal | None
) -> list[PlannedRun]:
    calendar = await calendars.calendar(session, day, day)
    possible = {day.isoweekday(), counts_as(day, calendar)}
    routes = [route for route in await timetable.all_routes(session, principal) if possible & set(route.weekdays)]
    lines = await timetable.lines(session, [route.route_id for route in routes])
    return runs_on([route.with_stops(lines[route.route_id]) for route in routes], day, zone, rules, calendar)


async def _add(session: AsyncSession, missing: Sequence[PlannedRun]) -> None:
    at = now()
    owners = await trucks.contractors(session, {run.vehicle_id for planned in missing if (run := planned.run).vehicle_id})
    lines = await sections.lines(session, {stop.section_id for run in missing for stop in run.stops if stop.section_id})
    made = [planned.driven_by(owners.get(planned.run.vehicle_id), at, lines) for planned in missing]
    await plan.add_runs(session, [one.run for one in made], [stop for one in made for stop in one.stops])
    await publish(session, *(run_planned(one.run, one.stops, at) for one in made))
    begun = {(run.vehicle_id, run.service_day) for one in made if (run := one.run).begins_at <= at}
    await judgements.queue(session, [(vehicle_id, day) for vehicle_id, day in begun if vehicle_id], at)
    await plan.raise_plan_version(session)


def run_planned(run: Run, stops: Sequence[Stop], at: datetime) -> RunPlanned:
    """The run as others hear of it."""
    return RunPlanned(
        run_id=run.run_id,
        revision=run.revision,
        planned_at=at,
        route_id=run.route_id,
        route_name=run.name,
        service_day=run.service_day,
        vehicle_id=run.vehicle_id,
        contractor_id=run.contractor_id,
        district_id=run.district_id,
        stream=run.stream,
        task=run.task,
        stops=[PlannedStop.model_validate(stop) for stop in stops],
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
        await require_fits(session, vehicle_id, route.task, route.stream)
    driven = route.driven_by(vehicle_id)
    if driven is not route:
        await timetable.save_routes(session, [driven])
    changed = await give_coming_runs(session, route_id, vehicle_id)
    if changed or driven is not route:
        await plan.raise_plan_version(session)
    return AssignmentAnswer(route_id=route_id, vehicle_id=vehicle_id, runs_changed=changed)


async def give_coming_runs(session: AsyncSession, route_id: str, vehicle_id: str | None) -> int:
    """Runs that have not begun go to this vehicle; how many did. The caller raises the plan's version."""
    at = now()
    runs = [run for run in await plan.runs_not_begun(session, route_id, at) if run.vehicle_id != vehicle_id]
    if not runs:
        return 0
    ids = [run.run_id for run in runs]
    drivers = {(driver, run.service_day) for run in runs for driver in (run.vehicle_id, vehicle_id)}
    # The queue before the stops, as the judge does, or the two could wait for each other.
    await judgements.queue(session, [(driver, day) for driver, day in drivers if driver], at)
    contractor_id = (await trucks.contractors(session, {vehicle_id})).get(vehicle_id) if vehicle_id else None
    await plan.give_runs(session, ids, vehicle_id, contractor_id)
    stops = await plan.stops_by_run(session, ids)
    moved = [run.given_to(vehicle_id, contractor_id) for run in runs]
    await publish(session, *(run_planned(run, stops[run.run_id], at) for run in moved))
    return len(runs)
