"""Bodies of dispatch orders, as their truck sees them."""

from datetime import datetime
from typing import Any

from shared.bodies import Answer
from shared.vocabulary import OrderKind


class TruckOrder(Answer):
    """What a dispatcher tells this truck to do; answer by `POST /v1/orders/{order_id}/answers`."""

    order_id: str
    kind: OrderKind
    given_at: datetime
    due_at: datetime
    text: str
    details: dict[str, Any]
    run_id: str | None
    stop_id: str | None
