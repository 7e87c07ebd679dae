"""Which function of a service handles which event. A service's `consumers.py` is a list of these."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache, wraps
from typing import Any, TypeVar

from pydantic import ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import Message
from shared.errors import DomainError
from shared.events.base import Envelope, Event
from shared.parking import Waiting

E = TypeVar("E", bound=Event)
Handler = Callable[[AsyncSession, Any], Awaitable[None]]
ManyHandler = Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[Waiting] | None]]
"""Changes the service's tables by these events. Returns those whose subject is not there yet: they wait for it."""


class Consumers:
    """Events that arrive together are handled type by type in the order of registration, each type in its own order: first the
    plan, then what happened to it.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.handlers: dict[str, ManyHandler] = {}
        self.awaited: set[str] = set()
        """Event types that bring the subjects which others wait for; such an event's `subject` is what they name."""
        self._readers: dict[str, type[Envelope]] = {}

    def on(self, event: type[E]) -> Callable[[Callable[[AsyncSession, E], Awaitable[None]]], Handler]:
        """Register a function of one event."""

        def register(handler: Callable[[AsyncSession, E], Awaitable[None]]) -> Handler:
            @wraps(handler)
            async def each(session: AsyncSession, events: Sequence[E]) -> None:
                for one in events:
                    await handler(session, one)

            self.on_many(event)(each)
            return handler

        return register

    def on_many(
        self, event: type[E], *, waits_for: type[Event] | None = None
    ) -> Callable[[Callable[[AsyncSession, Sequence[E]], Awaitable[Sequence[Waiting] | None]]], ManyHandler]:
        """Register a function of several events: a query for all of them instead of one for each.

        `waits_for`: the event that brings the subjects for which the function may let events wait.
        """

        def register(handler: Callable[[AsyncSession, Sequence[E]], Awaitable[Sequence[Waiting] | None]]) -> ManyHandler:
            self.handlers[event.type] = handler
            if waits_for is not None:
                self.awaited.add(waits_for.type)
            self._readers[event.type] = _message_of(event)
            return handler

        return register

    def read(self, message: Message) -> Envelope:
        """The envelope in a message, its event as `.data`; a ValidationError when it is not one this service takes."""
        reader = self._readers.get(message.type)
        if reader is None:
            Envelope.model_validate_json(message.body)
            raise DomainError(f"{self.service} takes no {message.type}")
        return reader.model_validate_json(message.body)

    def name_of(self, event_type: str) -> str:
        handler = self.handlers.get(event_type)
        return getattr(handler, "__name__", "none")


@cache
def _message_of(event: type[Event]) -> type[Envelope]:
    return type(
        f"{event.__name__}Message",
        (Envelope,),
        {
            "__annotations__": {"data": event},
            "model_config": ConfigDict(extra="ignore"),
            "__module__": event.__module__,
        },
    )
