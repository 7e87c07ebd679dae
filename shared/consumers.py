"""From a message to one transaction of a service: validate, claim in the inbox, run one function, commit.

A body that does not validate and a `DomainError` are dead letters at once. Anything else is tried again with growing pauses
and then a dead letter. While storage is away nothing is taken and nothing is given up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pydantic import ConfigDict, ValidationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import Message
from shared.clock import now
from shared.db import Database
from shared.errors import DomainError, is_outage
from shared.events.base import Envelope, Event
from shared.inbox import DeadLetter, asked_to_replay, bury, claim, dead_letters, forget_old_claims
from shared.tracing import continue_trace

log = logging.getLogger(__name__)
E = TypeVar("E", bound=Event)
Handler = Callable[[AsyncSession, Any], Awaitable[None]]
ManyHandler = Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]


class Consumers:
    """Which function of a service takes which event. A service's `consumers.py` is a list of these.

    Events that arrive together are handled type by type in the order of registration, each type in its own order: first the
    plan, then what happened to it.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.handlers: dict[str, ManyHandler] = {}
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

    def on_many(self, event: type[E]) -> Callable[[Callable[[AsyncSession, Sequence[E]], Awaitable[None]]], ManyHandler]:
        """Register a function of several events: a query for all of them instead of one for each."""

        def register(handler: Callable[[AsyncSession, Sequence[E]], Awaitable[None]]) -> ManyHandler:
            self.handlers[event.type] = handler
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


class Intake:
    """Runs one service's consumers on its database."""

    PAUSES = (0.1, 0.5, 2.0, 5.0)

    def __init__(self, consumers: Consumers, database: Database, metrics: CollectorRegistry) -> None:
        self._consumers, self._database = consumers, database
        self._taken = Counter("sanitation_events_taken", "Events handled", ["type"], registry=metrics)
        self._duplicates = Counter("sanitation_inbox_duplicates", "Events that had been handled before", registry=metrics)
        self._dead = Counter("sanitation_dead_letters", "Events given up on", ["type"], registry=metrics)
        self._waiting = Gauge("sanitation_dead_letters_waiting", "Dead letters nobody has replayed", registry=metrics)
        self._lag = Histogram(
            "sanitation_event_lag_seconds", "From an event stored by its publisher to its effect committed here", ["type"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300), registry=metrics,
        )  # fmt: skip

        for event_type in consumers.handlers:  # there from the start, so that the first is seen as an increase
            self._taken.labels(event_type)
            self._dead.labels(event_type)

    async def deliver(self, messages: list[Message]) -> None:
        """Handle a batch in one transaction; when one of them fails, each in its own."""
        try:
            await self._handle(messages)
        except Exception as error:
            if is_outage(error):
                raise
            for message in messages:
                await self._patiently(message)

    async def _handle(self, messages: list[Message]) -> None:
        async with self._database.transaction() as session:
            fresh = await claim(session, self._consumers.service, [m.id for m in messages])
            stored_at: list[tuple[str, datetime]] = []
            groups: dict[str, list[Event]] = {event_type: [] for event_type in self._consumers.handlers}
            for message in messages:
                if message.id not in fresh:
                    self._duplicates.inc()
                    continue
                fresh.discard(message.id)
                envelope = self._consumers.read(message)
                groups[message.type].append(envelope.data)  # type: ignore[attr-defined]
                stored_at.append((message.type, envelope.storedat or envelope.time))
            continue_trace(messages[0].traceparent)
            for event_type, events in groups.items():
                if events:
                    await self._consumers.handlers[event_type](session, events)
        committed_at = now()
        for event_type, at in stored_at:
            self._taken.labels(event_type).inc()
            self._lag.labels(event_type).observe((committed_at - at).total_seconds())

    async def _patiently(self, message: Message) -> None:
        for attempt, pause in enumerate((*self.PAUSES, None), start=1):
            try:
                return await self._handle([message])
            except (DomainError, ValidationError) as error:
                return await self._give_up(message, _reason(error), attempt)
            except Exception as error:
                if is_outage(error):
                    raise
                if pause is None:
                    return await self._give_up(message, _reason(error), attempt)
                log.warning("handler failed", exc_info=error, extra={"type": message.type, "attempt": attempt})
                await asyncio.sleep(pause)

    async def _give_up(self, message: Message, reason: str, attempts: int) -> None:
        handler = self._consumers.name_of(message.type)
        async with self._database.transaction() as session:
            await bury(session, self._consumers.service, message, handler, reason, attempts)
        self._dead.labels(message.type if message.type in self._consumers.handlers else "other").inc()
        log.error("dead letter", extra={"type": message.type, "handler": handler, "reason": reason})

    async def dead(self, messages: list[Message]) -> None:
        """What the broker gave up on: its handler ended the process again and again."""
        for message in messages:
            await self._give_up(message, "the broker's delivery limit was reached", 0)

    async def housekeeping(self) -> None:
        """Replay what was asked for; forget old claims."""
        while True:
            try:
                async with self._database.read() as session:
                    letters = await asked_to_replay(session)
                    self._waiting.set(await dead_letters(session))
                for letter in letters:
                    await self._replay(letter)
                async with self._database.transaction() as session:
                    await forget_old_claims(session)
            except Exception as error:
                log.warning("housekeeping pauses", extra={"error": repr(error)})
            await asyncio.sleep(2)

    async def _replay(self, letter: DeadLetter) -> None:
        message = Message(letter.event_id, letter.type, letter.subject, letter.body.encode(), letter.traceparent)
        outcome: dict[str, Any] = {"state": "replayed"}
        try:
            await self._handle([message])
        except Exception as error:
            if is_outage(error):
                raise
            outcome = {"state": "dead", "reason": _reason(error), "attempts": letter.attempts + 1, "died_at": now()}
        async with self._database.transaction() as session:
            await session.execute(update(DeadLetter).where(DeadLetter.id == letter.id).values(**outcome))  # type: ignore[arg-type]


def _reason(error: Exception) -> str:
    """Why, without the data itself: a validation error is told by place and rule, not by value."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)[:10])
    return f"{type(error).__name__}: {error}"
