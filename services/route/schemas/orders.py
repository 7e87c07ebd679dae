"""Bodies of dispatch orders."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from services.route.domain.orders.dispatch import details_as_json
from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Name, Note, When
from shared.vocabulary import OrderKind, OrderStatus, WasteStream


class PickupDetails(Body):
    """What to fetch, and where in WGS-84: a service point, or a place with a name. The window is open at once unless it says
    when, and closes after the hours that `data/order_rules.json` gives."""

    stream: WasteStream
    service_point_id: Id | None = None
    name: Name | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    window_start: When | None = None
    window_end: When | None = None

    @model_validator(mode="after")
    def _has_a_place(self) -> "PickupDetails":
        if self.service_point_id is None and None in {self.name, self.lon, self.lat}:
            raise ValueError("say where: service_point_id, or name, lon and lat")
        return self


class TakeOverDetails(Body):
    """The run whose unserved stops this truck takes over."""

    run_id: Id


class UnloadDetails(Body):
    """Where to unload; without it the driver knows."""

    place: Name | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


class _Order(Body):
    vehicle_id: Id
    text: Note = ""
    due_at: When | None = None
    complaint_id: Code | None = None


class ExtraPickup(_Order):
    kind: Literal["extra_pickup"]
    details: PickupDetails


class TakeOver(_Order):
    kind: Literal["take_over"]
    details: TakeOverDetails


class Unload(_Order):
    kind: Literal["unload"]
    details: UnloadDetails = UnloadDetails()


class Message(_Order):
    kind: Literal["message"]
    text: Annotated[Note, Field(min_length=1)]


OrderBody = Annotated[ExtraPickup | TakeOver | Unload | Message, Field(discriminator="kind")]


class OrderReply(Body):
    """What the driver says; `at`: when, by the onboard unit's clock."""

    status: Literal["accepted", "refused", "done"]
    note: Note = ""
    at: When | None = None


class Cancellation(Body):
    note: Note = ""


class OrderAnswer(Answer):
    """`run_id`, `stop_id`: what the order made. `overdue`: nobody refused or ended it, and its time is over."""

    order_id: str
    revision: int
    kind: OrderKind
    vehicle_id: str
    district_id: str | None
    contractor_id: str | None
    given_at: datetime
    given_by: str
    due_at: datetime
    overdue: bool
    text: str
    details: Annotated[dict[str, Any], BeforeValidator(details_as_json)]
    complaint_id: str | None
    status: OrderStatus
    status_at: datetime
    run_id: str | None
    stop_id: str | None


class OrderChangeAnswer(Answer):
    """`at`: when it was so; `recorded_at`: when we heard."""

    seq: int
    status: OrderStatus
    at: datetime
    by: str
    note: str
    recorded_at: datetime


class OrderDetail(OrderAnswer):
    """With all that was said of it, in the order of arrival."""

    history: list[OrderChangeAnswer]
