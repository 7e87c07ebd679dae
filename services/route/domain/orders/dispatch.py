"""Dispatch orders: what all that was said of one comes to, when it is overdue, which stops may still change trucks.

Whatever arrives is kept, each with the time at which it was so. What holds is a function of that set, so late, doubled or
swapped answers come to the same.

1. An order ends by the first of `done` and `cancelled`; nothing said of a later time changes that.
2. Until then the newest of `accepted` and `refused` holds: a driver may change his mind.
3. Until then it is `delivered`, once it has been, else `open`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.versions import Version
from shared.vocabulary import OrderStatus, Verdict

ENDS = (OrderStatus.DONE, OrderStatus.CANCELLED)
ANSWERS = (OrderStatus.ACCEPTED, OrderStatus.REFUSED)
LIVE = (OrderStatus.OPEN, OrderStatus.DELIVERED, OrderStatus.ACCEPTED)
"""Somebody still waits for what was ordered."""
SENT = (OrderStatus.OPEN, OrderStatus.DELIVERED)
"""Goes out with answers to the truck until the driver has said something."""
UNSERVED = (Verdict.PLANNED, Verdict.MISSED, Verdict.UNKNOWN, Verdict.EXCEPTED)


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
    said = set(changes)
    if ends := [change for change in said if change.status in ENDS]:
        return min(ends, key=lambda change: (change.at, ENDS.index(change.status)))
    if answers := [change for change in said if change.status in ANSWERS]:
        return max(answers, key=lambda change: (change.at, ANSWERS.index(change.status)))
    if delivered := [change for change in said if change.status is OrderStatus.DELIVERED]:
        return min(delivered, key=lambda change: change.at)
    if not said:
        raise LookupError("an order begins by being open")
    return min(said, key=lambda change: change.at)


def is_overdue(status: str, due_at: datetime, now: datetime) -> bool:
    return status in LIVE and due_at < now


class RunStop(NamedTuple):
    """What counts when another truck takes over; `is_ruled`: a dispatcher has decided what became of it."""

    stop_id: str
    verdict: str
    planned_at: datetime
    is_ruled: bool


def stops_to_move(stops: Sequence[RunStop], now: datetime, reach: timedelta) -> list[str]:
    """Those that nobody has served or ruled on, and that a truck coming now could still serve: `reach` after their time."""
    return [stop.stop_id for stop in stops if stop.verdict in UNSERVED and not stop.is_ruled and now <= stop.planned_at + reach]
