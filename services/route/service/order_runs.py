"""The runs that dispatch orders make: one of a single stop, or one of the stops that another truck did not get to.

Their stops are judged as every stop. A run's id names its order: `2026-11-16:X:<order id>`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.judging.findings import PLANNED
from services.route.domain.orders.dispatch import RunStop, stops_to_move
from services.route.domain.places import PASSING
from services.route.schemas.orders import PickupDetails
from services.route.service import handovers, trucks
from services.route.service.run_plans import run_planned
from services.route.service.verdicts import Found, decide
from services.route.store import facts, judgements, plan, timetable
from shared.auth import Principal
from shared.clock import city_day, service_day
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.outbox import publish
from shared.versions import in_force
from shared.vocabulary import Task

Order = dict[str, Any]
OF_ORDERS = ":X:"
TAKEN_OVER = "another truck took the stop over"


def _run_id(day: date, order: Order) -> str:
    return f"{day.isoformat()}{OF_ORDERS}{order['order_id']}"


def is_ordered(run_id: str) -> bool:
    return OF_ORDERS in run_id


# --- an extra pick-up -------------------------------------------------------------------------------------------


async def add_pickup(session: AsyncSession, principal: Principal, order: Order, asked: PickupDetails, zone: ZoneInfo) -> Order:
    """Make the run of one stop; what the order says of itself then: district, details, due_at, run_id, stop_id."""
    await trucks.require_fits(session, order["vehicle_id"], Task.COLLECTION, asked.stream)
    place = await _place(session, principal, order, asked)
    start, end = _window(asked, order["given_at"])
    day = service_day(start, zone)
    run = {
        "run_id": _run_id(day, order),
        "route_id": "X",
        "name": place["name"],
        "service_day": day,
        "stream": asked.stream.value,
        "vehicle_id": order["vehicle_id"],
        "contractor_id": order["contractor_id"],
        "district_id": place["district_id"],
        "task": Task.COLLECTION.value,
        "stop_count": 1,
        "begins_at": start,
        "order_id": order["order_id"],
        "revision": 1,
        "created_at": order["given_at"],
    }
    grace = in_force(reference.judgement_rules(), day).grace
    of_run = ("run_id", "service_day", "vehicle_id", "contractor_id", "district_id", "stream", "task")
    stop = {name: run[name] for name in of_run} | {name: place[name] for name in ("service_point_id", "name", "lon", "lat")}
    stop |= {"stop_id": f"{run['run_id']}:1", "seq": 1, "key": "1", "expected_kg": None, "mode": PASSING}
    stop |= {"section_id": None, "line": None}
    stop |= {"verdict": PLANNED, "revision": 0, "not_before": order["given_at"]}
    stop |= {"planned_at": start, "window_start": start, "window_end": end, "deadline": end + grace}
    await plan.lock_planning(session)
    await judgements.queue(session, [(order["vehicle_id"], day)], order["given_at"])
    await plan.add_runs(session, [run], [stop])
    await publish(session, run_planned(run, [stop], order["given_at"]))
    await plan.raise_plan_version(session)
    told = {name: stop[name] for name in ("service_point_id", "name", "lon", "lat", "stream")}
    told |= {"window_start": start.isoformat(), "window_end": end.isoformat()}
    due_at = order["due_at"] or end
    made = {"run_id": run["run_id"], "stop_id": stop["stop_id"]}
    return order | made | {"district_id": place["district_id"], "details": told, "due_at": due_at}


async def _place(session: AsyncSession, principal: Principal, order: Order, asked: PickupDetails) -> dict[str, Any]:
    """service_point_id, name, lon, lat and district of what is to be served; Forbidden in a foreign district."""
    said = {name: value for name in ("name", "lon", "lat") if (value := getattr(asked, name)) is not None}
    if asked.service_point_id is None:
        return said | {"service_point_id": f"X-{order['order_id']}", "district_id": order["district_id"]}
    point = (await timetable.point_rows(session, [asked.service_point_id])).get(asked.service_point_id)
    if point is None:
        raise Invalid(f"there is no service point {asked.service_point_id}")
    district_id = point["district_id"] or order["district_id"]
    if not principal.sees(district_id=district_id, contractor_id=order["contractor_id"]):
        reason = f"service point {asked.service_point_id} lies in a district that this token does not reach"
        raise Forbidden(reason, code="foreign")
    return point | said | {"district_id": district_id}


def _window(asked: PickupDetails, at: datetime) -> tuple[datetime, datetime]:
    rules = in_force(reference.order_rules(), city_day(at))
    start = asked.window_start or at
    end = asked.window_end or start + timedelta(minutes=rules.pickup_window_minutes)
    if end <= max(start, at):
        raise Invalid("the window must end after it begins, and not in the past")
    if start > at + timedelta(days=rules.pickup_ahead_days):
        raise Invalid(f"an extra pick-up is at most {rules.pickup_ahead_days:g} days ahead; later ones belong into the timetable")
    hours = in_force(reference.judgement_rules(), city_day(at)).match_hours
    if end - start > timedelta(hours=hours):
        raise Invalid(f"a window lasts at most {hours:g} hours: beyond it nobody could say what a visit was meant for")
    return start, end


# --- the rest of a run ------------------------------------------------------------------------------------------


async def take_over(session: AsyncSession, principal: Principal, order: Order, run_id: str) -> Order:
    """Move what can still be served to a run of this vehicle; what the order says of itself then: district, details, run_id."""
    at, vehicle_id = order["given_at"], order["vehicle_id"]
    await plan.lock_planning(session)
    old = await _run_to_take(session, principal, run_id, vehicle_id)
    # The queue before the stops, as the judge does, or the two could wait for each other.
    drivers = {driver for driver in (old["vehicle_id"], vehicle_id) if driver}
    await judgements.queue(session, [(driver, old["service_day"]) for driver in drivers], at)
    stops = await plan.stops_for_update(session, run_id)
    moved = _moved(stops, old["service_day"], at)
    if not moved:
        raise Conflict("nothing of this run is left to take over: its stops are served, ruled on or over", code="nothing_left")
    mine = [stop for stop in stops if stop["stop_id"] in moved]
    new = old | {
        "run_id": _run_id(old["service_day"], order),
        "vehicle_id": vehicle_id,
        "contractor_id": order["contractor_id"],
        "stop_count": len(mine),
        "begins_at": min(stop["window_start"] for stop in mine),
        "order_id": order["order_id"],
        "revision": 1,
        "created_at": at,
    }
    left = old | {"stop_count": len(stops) - len(mine), "revision": old["revision"] + 1}
    await handovers.note(session, mine, at)
    await plan.move_stops(session, [stop["stop_id"] for stop in mine], left, new)
    given = {name: new[name] for name in ("run_id", "vehicle_id", "contractor_id")}
    taken = {stop["stop_id"]: stop | given for stop in mine}
    rest = [stop for stop in stops if stop["stop_id"] not in moved]
    # First where the stops went, then where they are gone: who follows never loses one.
    await publish(session, run_planned(new, _in_order(taken.values()), at), run_planned(left, _in_order(rest), at))
    await _begin_anew(session, taken, vehicle_id, at)
    await plan.raise_plan_version(session)
    told = {"run_id": run_id, "route_name": old["name"], "from_vehicle_id": old["vehicle_id"], "stop_count": len(mine)}
    return order | {"run_id": new["run_id"], "district_id": old["district_id"], "details": told}


async def _run_to_take(session: AsyncSession, principal: Principal, run_id: str, vehicle_id: str) -> dict[str, Any]:
    run = await plan.run_for_update(session, run_id)
    if run is None:
        raise NotFound("no such run")
    principal.require_sight("run", vehicle_id=vehicle_id, district_id=run["district_id"], contractor_id=run["contractor_id"])
    if run["vehicle_id"] == vehicle_id:
        raise Conflict(f"vehicle {vehicle_id} drives this run already")
    await trucks.require_fits(session, vehicle_id, run["task"], run["stream"])
    return run


def _moved(stops: Sequence[dict[str, Any]], day: date, at: datetime) -> set[str]:
    reach = timedelta(hours=in_force(reference.judgement_rules(), day).match_hours)
    of_run = [RunStop(stop["stop_id"], stop["verdict"], stop["planned_at"], stop["ruling"] is not None) for stop in stops]
    return set(stops_to_move(of_run, at, reach))


def _in_order(stops: Any) -> list[dict[str, Any]]:
    return sorted(stops, key=lambda stop: (stop["planned_at"], stop["seq"], stop["stop_id"]))


async def _begin_anew(session: AsyncSession, stops: dict[str, dict[str, Any]], vehicle_id: str, at: datetime) -> None:
    """What the first truck reported or missed says nothing of the second: its stops are waited for again."""
    known_until = await facts.known_until(session, vehicle_id)
    waiting = [Found(stop_id, PLANNED, None, {}) for stop_id, stop in stops.items() if stop["verdict"] != PLANNED]
    await publish(session, *await decide(session, stops, waiting, known_until, at, TAKEN_OVER))
