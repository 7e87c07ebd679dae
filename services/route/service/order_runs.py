"""The runs that dispatch orders make: one of a single stop, or one of the stops that another truck did not get to.

Their stops are judged as every stop.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.judging.findings import Judgement
from services.route.domain.orders.dispatch import Details, RestOfRun
from services.route.domain.orders.pickups import PickupPlace, pickup_run, window_of
from services.route.domain.orders.takeovers import handovers_of, may_move
from services.route.domain.runs import Run
from services.route.domain.stops import Stop
from services.route.schemas.orders import PickupDetails
from services.route.service import trucks
from services.route.service.run_plans import run_planned
from services.route.service.verdict_records import record
from services.route.store import facts, handovers, judgements, plan, timetable
from shared.auth import Principal
from shared.clock import city_day, service_day
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.outbox import publish
from shared.vocabulary import Task, Verdict

TAKEN_OVER = "another truck took the stop over"


class NewOrder(NamedTuple):
    """An order as it is given: to which truck, and whose that is."""

    order_id: str
    vehicle_id: str
    district_id: str | None
    contractor_id: str | None
    at: datetime


class OrderContent(NamedTuple):
    """What an order made, and says of itself; `due_at`: when that is due."""

    run_id: str | None
    stop_id: str | None
    district_id: str | None
    details: Details
    due_at: datetime | None


# --- an extra pick-up -------------------------------------------------------------------------------------------


async def add_pickup(
    session: AsyncSession, principal: Principal, order: NewOrder, asked: PickupDetails, zone: ZoneInfo
) -> OrderContent:
    """Make the run of one stop."""
    await trucks.require_fits(session, order.vehicle_id, Task.COLLECTION, asked.stream)
    place = await _place(session, principal, order, asked)
    today = city_day(order.at)
    most_hours = rulebooks.JUDGEMENT_RULES.on(today).match_hours
    window = window_of(asked.window_start, asked.window_end, order.at, rulebooks.ORDER_RULES.on(today), most_hours)
    day = service_day(window.start, zone)
    grace = rulebooks.JUDGEMENT_RULES.on(day).grace
    made = pickup_run(
        order.order_id,
        order.vehicle_id,
        order.contractor_id,
        place,
        asked.stream,
        window,
        service_day=day,
        grace=grace,
        given_at=order.at,
    )
    await plan.lock_planning(session)
    await judgements.queue(session, [(order.vehicle_id, day)], order.at)
    await plan.add_runs(session, [made.run], [made.stop])
    await publish(session, run_planned(made.run, [made.stop], order.at))
    await plan.raise_plan_version(session)
    return OrderContent(made.run.run_id, made.stop.stop_id, place.district_id, made.details, window.end)


async def _place(session: AsyncSession, principal: Principal, order: NewOrder, asked: PickupDetails) -> PickupPlace:
    """Forbidden in a foreign district."""
    if asked.service_point_id is None:
        return PickupPlace(
            service_point_id=f"X-{order.order_id}",
            name=asked.name or "",
            lon=asked.lon or 0.0,
            lat=asked.lat or 0.0,
            district_id=order.district_id,
        )
    point = (await timetable.points(session, [asked.service_point_id])).get(asked.service_point_id)
    if point is None:
        raise Invalid(f"there is no service point {asked.service_point_id}")
    district_id = point.district_id or order.district_id
    if not principal.sees(district_id=district_id, contractor_id=order.contractor_id):
        reason = f"service point {asked.service_point_id} lies in a district that this token does not reach"
        raise Forbidden(reason, code="foreign")
    return PickupPlace(
        service_point_id=point.service_point_id,
        name=point.name if asked.name is None else asked.name,
        lon=point.lon if asked.lon is None else asked.lon,
        lat=point.lat if asked.lat is None else asked.lat,
        district_id=district_id,
    )


# --- the rest of a run ------------------------------------------------------------------------------------------


async def take_over(session: AsyncSession, principal: Principal, order: NewOrder, run_id: str) -> OrderContent:
    """Move what can still be served to a run of this vehicle."""
    at, vehicle_id = order.at, order.vehicle_id
    await plan.lock_planning(session)
    old = await _run_to_take(session, principal, run_id, vehicle_id)
    # The queue before the stops, as the judge does, or the two could wait for each other.
    drivers = {driver for driver in (old.vehicle_id, vehicle_id) if driver}
    await judgements.queue(session, [(driver, old.service_day) for driver in drivers], at)
    stops = await plan.stops_for_update(session, run_id)
    reach = timedelta(hours=rulebooks.JUDGEMENT_RULES.on(old.service_day).match_hours)
    moving = [stop for stop in stops if may_move(stop, at, reach)]
    if not moving:
        raise Conflict("nothing of this run is left to take over: its stops are served, ruled on or over", code="nothing_left")
    new = old.taken_over(moving, order.order_id, vehicle_id, order.contractor_id, at)
    left = old.left_with(len(stops) - len(moving))
    await handovers.add(session, handovers_of(moving, at))
    await plan.move_stops(session, [stop.stop_id for stop in moving], left, new)
    taken = {stop.stop_id: stop.given_to(new.run_id, new.vehicle_id, new.contractor_id) for stop in moving}
    rest = [stop for stop in stops if stop.stop_id not in taken]
    # First where the stops went, then where they are gone: who follows never loses one.
    await publish(session, run_planned(new, _in_order(taken.values()), at), run_planned(left, _in_order(rest), at))
    await _begin_anew(session, taken, vehicle_id, at)
    await plan.raise_plan_version(session)
    details = RestOfRun(run_id=run_id, route_name=old.name, from_vehicle_id=old.vehicle_id, stop_count=len(moving))
    return OrderContent(new.run_id, None, old.district_id, details, None)


async def _run_to_take(session: AsyncSession, principal: Principal, run_id: str, vehicle_id: str) -> Run:
    run = await plan.run_for_update(session, run_id)
    if run is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=vehicle_id, district_id=run.district_id, contractor_id=run.contractor_id)
    if run.vehicle_id == vehicle_id:
        raise Conflict(f"vehicle {vehicle_id} drives this run already")
    await trucks.require_fits(session, vehicle_id, run.task, run.stream)
    return run


def _in_order(stops: Iterable[Stop]) -> list[Stop]:
    return sorted(stops, key=lambda stop: (stop.planned_at, stop.seq, stop.stop_id))


async def _begin_anew(session: AsyncSession, stops: Mapping[str, Stop], vehicle_id: str, at: datetime) -> None:
    """What the first truck reported or missed says nothing of the second: its stops are waited for again."""
    known_until = await facts.known_until(session, vehicle_id)
    waiting = [Judgement(stop.stop_id, Verdict.PLANNED) for stop in stops.values() if stop.verdict is not Verdict.PLANNED]
    await publish(session, *await record(session, stops, waiting, known_until, at, TAKEN_OVER))
