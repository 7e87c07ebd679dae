"""A message and what it says."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from shared.bus import Message
from shared.consumers import Consumers
from shared.errors import wrong_fields
from shared.events.base import Envelope

WRONG_FIELDS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """The message carries the id of its envelope, which is the event's identity."""

    message: Message
    envelope: Envelope

    @property
    def event(self) -> Any:
        return self.envelope.data  # type: ignore[attr-defined]


def read(consumers: Consumers, message: Message) -> Delivery:
    """DomainError or ValidationError where it cannot be read."""
    envelope = consumers.read(message)
    return Delivery(replace(message, id=envelope.id), envelope)


def reason_of(error: Exception) -> str:
    """Why, without the data itself: a validation error is told by place and rule, not by value."""
    if isinstance(error, ValidationError):
        return wrong_fields(error, WRONG_FIELDS_SHOWN)
    return f"{type(error).__name__}: {error}"
