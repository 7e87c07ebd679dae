"""What every event is: a CloudEvents 1.0 structured message whose `data` is a frozen pydantic model.

A class in this package *is* the contract. Adding an optional field keeps `.v1`; anything else is a `.v2` beside it.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.clock import now
from shared.ids import new_id
from shared.tracing import traceparent


class Part(BaseModel):
    """A piece of an event's data, out of JSON or of whatever has fields of these names. Consumers ignore fields they do not know
    yet."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, from_attributes=True)


class Event(Part):
    """Subclasses say their `type`, which aggregate they are about and when they happened (not when they were sent)."""

    type: ClassVar[str]
    registry: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, type: str = "", **kwargs: Any) -> None:  # noqa: A002 - CloudEvents calls it type
        super().__init_subclass__(**kwargs)
        if type:
            cls.type = type
            Event.registry[type] = cls

    @property
    def subject(self) -> str:
        raise LookupError(f"{self.type} names no subject")

    @property
    def time(self) -> datetime:
        raise LookupError(f"{self.type} names no time")


class Heartbeat(Event):
    """A service says every few seconds that all it had published before `at` is on its way: proof of the whole path."""

    service: str
    at: datetime

    @property
    def subject(self) -> str:
        return self.service

    @property
    def time(self) -> datetime:
        return self.at


Attribute = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
"""Text that every broker and database takes, and that fits into an index."""


class Envelope(BaseModel):
    """The CloudEvents attributes around an event's data."""

    model_config = ConfigDict(extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[Attribute, StringConstraints(min_length=1)]
    source: Attribute
    type: Attribute
    subject: Attribute
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: Attribute = ""
    storedat: datetime | None = None
    """Extension: when the publisher stored it. `time` is when it happened."""


def wrap(event: Event, service: str) -> tuple[Envelope, str]:
    """The envelope of a new event and the whole message as JSON text."""
    envelope = Envelope(
        id=new_id(),
        source=f"/sanitation/{service}",
        type=event.type,
        subject=event.subject,
        time=event.time,
        traceparent=traceparent.get(),
        storedat=now(),
    )
    return envelope, f'{envelope.model_dump_json()[:-1]},"data":{event.model_dump_json()}}}'
