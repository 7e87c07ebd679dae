"""A day's run of a route, or one that a dispatch order made: `2026-11-16:X:<order id>`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.route.domain.stops import Stop
from shared.vocabulary import Task, WasteStream

OF_ORDERS = ":X:"
ROUTE_OF_ORDERS = "X"


def run_id_of(route_id: str, service_day: date) -> str:
    return f"{service_day.isoformat()}:{route_id}"


def ordered_run_id(order_id: str, service_day: date) -> str:
    return f"{service_day.isoformat()}{OF_ORDERS}{order_id}"


def is_ordered(run_id: str) -> bool:
    return OF_ORDERS in run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`contractor_id`: whose truck drives it, as it was when the run began; `begins_at`: when the first window opens;
    `order_id`: the dispatch order that made it; such a run stays with its vehicle whoever drives the route."""

    run_id: str
    route_id: str
    name: str
    service_day: date
    vehicle_id: str | None
    contractor_id: str | None
    district_id: str | None
    stream: WasteStream
    task: Task
    stop_count: int
    begins_at: datetime
    order_id: str | None = None
    revision: int = 1
    created_at: datetime

    def status(self, waiting: int, now: datetime) -> Literal["planned", "running", "done"]:
        """`waiting`: how many of its stops are still waited for."""
        if not waiting:
            return "done"
        return "running" if waiting < self.stop_count or self.begins_at <= now else "planned"

    def given_to(self, vehicle_id: str | None, contractor_id: str | None) -> "Run":
        return replace(self, vehicle_id=vehicle_id, contractor_id=contractor_id, revision=self.revision + 1)

    def left_with(self, stop_count: int) -> "Run":
        """After some of its stops have gone to another run."""
        return replace(self, stop_count=stop_count, revision=self.revision + 1)

    def taken_over(self, stops: Sequence[Stop], order_id: str, vehicle_id: str, contractor_id: str | None, at: datetime) -> "Run":
        """The run of another truck that these of its stops go to."""
        return replace(
            self,
            run_id=ordered_run_id(order_id, self.service_day),
            vehicle_id=vehicle_id,
            contractor_id=contractor_id,
            stop_count=len(stops),
            begins_at=min(stop.window_start for stop in stops),
            order_id=order_id,
            revision=1,
            created_at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilters:
    """A 6-digit district includes its subdistricts."""

    service_day: date | None = None
    vehicle_id: str | None = None
    route_id: str | None = None
    within_district: str | None = None
    task: Task | None = None
