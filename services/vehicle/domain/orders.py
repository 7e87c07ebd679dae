"""Dispatch orders on their way to the truck."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.vocabulary import OrderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOrder:
    """What the truck is shown of an order. `details`: by kind, as the dispatcher gave them."""

    order_id: str
    kind: OrderKind
    given_at: datetime
    due_at: datetime
    text: str
    details: dict[str, Any]
    run_id: str | None
    stop_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOrder:
    """`waiting`: it goes out with every answer until the driver has said something. `delivered_at`: when it first went out."""

    order_id: str
    revision: int
    vehicle_id: str
    given_at: datetime
    waiting: bool
    shown: ShownOrder
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOrder:
    """One that goes out now."""

    order_id: str
    vehicle_id: str
    shown: ShownOrder
    delivered_at: datetime | None
