"""Dispatch orders: what all that was said of one comes to, and when it is overdue.

Whatever arrives is kept, each with the time at which it was so. What holds is a function of that set, so late, doubled or
swapped answers come to the same.

1. An order ends by the first of `done` and `cancelled`; nothing said of a later time changes that.
2. Until then the newest of `accepted` and `refused` holds: a driver may change his mind.
3. Until then it is `delivered`, once it has been, else `open`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.domain_errors import Conflict, Invalid
from shared.versions import Version
from shared.vocabulary import OrderKind, OrderStatus, WasteStream

ENDS = (OrderStatus.DONE, OrderStatus.CANCELLED)
ANSWERS = (OrderStatus.ACCEPTED, OrderStatus.REFUSED)
LIVE = (OrderStatus.OPEN, OrderStatus.DELIVERED, OrderStatus.ACCEPTED)
"""Somebody still waits for what was ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules(Version):
    """due_minutes: by kind, how long after it is given; an extra pick-up is due when its window closes.
    clock_skew_minutes: how far ahead of ours an onboard unit's clock may be.
    """

    due_minutes: Mapping[str, float]
    pickup_window_minutes: float
    pickup_ahead_days: float
    clock_skew_minutes: float


class Change(NamedTuple):
    """`status` became so at `at`."""

    status: OrderStatus
    at: datetime


def standing(changes: Iterable[Change]) -> Change:
    """The change that holds; LookupError when there is none."""
    distinct = set(changes)
    if ends := [change for change in distinct if change.status in ENDS]:
        return min(ends, key=lambda change: (change.at, ENDS.index(change.status)))
    if answers := [change for change in distinct if change.status in ANSWERS]:
        return max(answers, key=lambda change: (change.at, ANSWERS.index(change.status)))
    if delivered := [change for change in distinct if change.status is OrderStatus.DELIVERED]:
        return min(delivered, key=lambda change: change.at)
    if not distinct:
        raise LookupError("an order begins by being open")
    return min(distinct, key=lambda change: change.at)


# --- what is ordered --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """What to fetch, where and when."""

    service_point_id: str
    name: str
    lon: float
    lat: float
    stream: WasteStream
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestOfRun:
    """What of whose run was taken over."""

    run_id: str
    route_name: str
    from_vehicle_id: str | None
    stop_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloading:
    """Where to unload; without it the driver knows."""

    place: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDetails:
    """Of a message: its text says all."""


Details = Pickup | RestOfRun | Unloading | NoDetails
DETAILS: Mapping[OrderKind, type[Details]] = {
    OrderKind.EXTRA_PICKUP: Pickup,
    OrderKind.TAKE_OVER: RestOfRun,
    OrderKind.UNLOAD: Unloading,
    OrderKind.MESSAGE: NoDetails,
}


def details_as_json(details: Details) -> dict[str, Any]:
    """As it is stored, answered and told; of unloading only what was said."""
    named = {field.name: getattr(details, field.name) for field in fields(details)}
    if isinstance(details, Unloading):
        named = {name: value for name, value in named.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in named.items()}


# --- an order ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """What was said of an order, in the order of arrival; `at`: when it was so, `recorded_at`: when we heard."""

    order_id: str
    seq: int
    status: OrderStatus
    at: datetime
    by: str
    note: str
    recorded_at: datetime

    @property
    def change(self) -> Change:
        return Change(self.status, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchOrder:
    """`status` is what its changes come to, `status_at` when it became so. `run_id`, `stop_id`: what the order made."""

    order_id: str
    revision: int
    kind: OrderKind
    vehicle_id: str
    district_id: str | None
    contractor_id: str | None
    given_at: datetime
    given_by: str
    due_at: datetime
    text: str
    details: Details
    complaint_id: str | None
    status: OrderStatus = OrderStatus.OPEN
    status_at: datetime
    run_id: str | None = None
    stop_id: str | None = None

    def is_overdue(self, now: datetime) -> bool:
        return self.status in LIVE and self.due_at < now

    def entry(self, known: Sequence[OrderEntry], change: Change, *, by: str, note: str, at: datetime) -> OrderEntry:
        return OrderEntry(
            order_id=self.order_id,
            seq=len(known) + 1,
            status=change.status,
            at=change.at,
            by=by,
            note=note,
            recorded_at=at,
        )

    def with_entry(self, known: Iterable[OrderEntry], entry: OrderEntry) -> "DispatchOrder":
        """The next revision; itself where what was said changes nothing."""
        holds = standing([*(one.change for one in known), entry.change])
        if holds == (self.status, self.status_at):
            return self
        return replace(self, status=holds.status, status_at=holds.at, revision=self.revision + 1)

    def answered(self, status: OrderStatus, at: datetime | None, now: datetime, rules: OrderRules) -> Change | None:
        """What the driver's answer says, at the earliest when the order was given; None for a repeat without a time.

        Invalid when its time lies in the future.
        """
        if at is not None and at > now + timedelta(minutes=rules.clock_skew_minutes):
            raise Invalid("`at` lies in the future; set the clock, or leave it out")
        if at is None and status is self.status:
            return None
        return Change(status, max(at or now, self.given_at))

    def cancelled(self, now: datetime) -> Change | None:
        """None when it is cancelled already. Conflict when it is done."""
        if self.status is OrderStatus.DONE:
            raise Conflict("the order is done; there is nothing to cancel")
        return None if self.status is OrderStatus.CANCELLED else Change(OrderStatus.CANCELLED, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """A 6-digit district includes its subdistricts. `overdue_at`: only those that are overdue then."""

    vehicle_id: str | None = None
    status: OrderStatus | None = None
    within_district: str | None = None
    overdue_at: datetime | None = None
