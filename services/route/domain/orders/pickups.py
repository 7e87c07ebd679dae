"""An extra pick-up: a run of one stop, judged as every stop."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.route.domain.orders.dispatch import OrderRules, Pickup
from services.route.domain.runs import ROUTE_OF_ORDERS, Run, ordered_run_id
from services.route.domain.stops import Stop
from shared.domain_errors import Invalid
from shared.vocabulary import Task, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupPlace:
    service_point_id: str
    name: str
    lon: float
    lat: float
    district_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    start: datetime
    end: datetime


def window_of(start: datetime | None, end: datetime | None, now: datetime, rules: OrderRules, most_hours: float) -> Window:
    """Open at once unless it says when. Invalid when no truck could be sent in it, or nobody could say what a visit is for."""
    start = start or now
    end = end or start + timedelta(minutes=rules.pickup_window_minutes)
    if end <= max(start, now):
        raise Invalid("the window must end after it begins, and not in the past")
    if start > now + timedelta(days=rules.pickup_ahead_days):
        raise Invalid(f"an extra pick-up is at most {rules.pickup_ahead_days:g} days ahead; later ones belong into the timetable")
    if end - start > timedelta(hours=most_hours):
        raise Invalid(f"a window lasts at most {most_hours:g} hours: beyond it nobody could say what a visit was meant for")
    return Window(start=start, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupRun:
    """`stop`: its only one."""

    run: Run
    stop: Stop

    @property
    def details(self) -> Pickup:
        stop = self.stop
        return Pickup(
            service_point_id=stop.service_point_id,
            name=stop.name,
            lon=stop.lon,
            lat=stop.lat,
            stream=stop.stream,
            window_start=stop.window_start,
            window_end=stop.window_end,
        )


def pickup_run(
    order_id: str,
    vehicle_id: str,
    contractor_id: str | None,
    place: PickupPlace,
    stream: WasteStream,
    window: Window,
    *,
    service_day: date,
    grace: timedelta,
    given_at: datetime,
) -> PickupRun:
    run = Run(
        run_id=ordered_run_id(order_id, service_day),
        route_id=ROUTE_OF_ORDERS,
        name=place.name,
        service_day=service_day,
        vehicle_id=vehicle_id,
        contractor_id=contractor_id,
        district_id=place.district_id,
        stream=stream,
        task=Task.COLLECTION,
        stop_count=1,
        begins_at=window.start,
        order_id=order_id,
        created_at=given_at,
    )
    stop = Stop(
        stop_id=f"{run.run_id}:1",
        run_id=run.run_id,
        service_day=service_day,
        vehicle_id=vehicle_id,
        contractor_id=contractor_id,
        district_id=place.district_id,
        seq=1,
        key="1",
        service_point_id=place.service_point_id,
        name=place.name,
        lon=place.lon,
        lat=place.lat,
        stream=stream,
        not_before=given_at,
        planned_at=window.start,
        window_start=window.start,
        window_end=window.end,
        deadline=window.end + grace,
    )
    return PickupRun(run=run, stop=stop)
