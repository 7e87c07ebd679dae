"""The dispatch order that a complaint became, as far as the complaint service knows."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from services.complaint.domain.refusals import Refused
from shared.vocabulary import OrderStatus

WANTED, NOT_POSSIBLE = "wanted", "not_possible"
ENDED = frozenset({"refused", "cancelled", "done", NOT_POSSIBLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckOrder:
    """`status`: wanted until the route service answers, not_possible if it refuses, else the order's own. `request_id`: None of
    an order that a dispatcher gave by themselves."""

    request_id: str | None = None
    vehicle_id: str
    status: str
    order_id: str | None = None
    revision: int = 0
    status_at: datetime | None = None
    stop_id: str | None = None
    detail: str | None = None
    code: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    def answers(self, request_id: str) -> bool:
        """Whether it still waits for the answer to this request."""
        return self.request_id == request_id and self.status == WANTED

    def refused(self, code: str, detail: str) -> Self:
        if self.status != WANTED:
            raise Refused("answered_before", f"the order is {self.status}")
        return replace(self, status=NOT_POSSIBLE, code=code, detail=detail)


def is_news(order: TruckOrder | None, order_id: str, revision: int) -> bool:
    """An older fact of the same order changes nothing."""
    return order is None or order.order_id != order_id or order.revision < revision


def followed(
    order: TruckOrder | None,
    *,
    order_id: str,
    vehicle_id: str,
    status: OrderStatus,
    revision: int,
    status_at: datetime,
    stop_id: str | None,
) -> TruckOrder:
    """As the route service says it is now."""
    before = order or TruckOrder(vehicle_id=vehicle_id, status=status.value)
    return replace(
        before,
        order_id=order_id,
        vehicle_id=vehicle_id,
        status=status.value,
        revision=revision,
        status_at=status_at,
        stop_id=stop_id,
    )
