"""Consumers whose effect is a row; they fail, or wait, as told."""

from collections.abc import Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.bus import Message
from shared.clock import frozen, now
from shared.consumers import Consumers
from shared.db import Database
from shared.dead_letters import DeadLetter
from shared.event_processing.processor import EventProcessor
from shared.events.base import wrap
from shared.events.vehicle import DriverReported, VehicleRegistered
from shared.vocabulary import VehicleKind

EFFECT = Table("effect", MetaData(), Column("report_id", String, primary_key=True), Column("times", Integer))


def report(report_id: str) -> DriverReported:
    return DriverReported(report_id=report_id, vehicle_id="T-1", at=now(), received_at=now(), code="blocked")


def message(report_id: str, vehicle_id: str = "T-1") -> Message:
    event = report(report_id).model_copy(update={"vehicle_id": vehicle_id})
    envelope, body = wrap(event, "vehicle")
    return Message(envelope.id, event.type, event.subject, body.encode(), envelope.traceparent)


def registered(vehicle_id: str) -> Message:
    event = VehicleRegistered(
        vehicle_id=vehicle_id,
        revision=1,
        registered_at=now(),
        plate="沪A12345",
        kind=VehicleKind.COMPACTOR,
        waste_streams=[],
        tare_kg=8000,
        capacity_kg=8000,
    )
    envelope, body = wrap(event, "vehicle")
    return Message(envelope.id, event.type, event.subject, body.encode(), envelope.traceparent)


class Handling:
    """A consumer whose effect is a row; it fails as told."""

    def __init__(self, database: Database) -> None:
        self.database, self.failures, self.calls = database, {}, 0  # type: ignore[var-annotated]
        self.consumers = Consumers("vehicle")
        self.consumers.on(DriverReported)(self.store)
        self.registry = CollectorRegistry()
        self.processor = EventProcessor(self.consumers, database, self.registry)

    async def store(self, session: AsyncSession, event: DriverReported) -> None:
        self.calls += 1
        await session.execute(EFFECT.insert(), [{"report_id": event.report_id, "times": 1}])
        failure = self.failures.get(event.report_id, [])
        if failure:
            raise failure.pop(0)

    async def retry_until_none_is_left(self) -> None:
        """As time goes by."""
        at = now()
        while await self.processor.retries.open():
            at += timedelta(seconds=6)
            with frozen(at):
                await self.processor.retries.retry_due()

    async def effects(self) -> list[str]:
        async with self.database.read() as session:
            return sorted((await session.execute(select(EFFECT.c.report_id))).scalars())

    async def dead(self) -> list[DeadLetter]:
        async with self.database.read() as session:
            return list((await session.execute(select(DeadLetter))).scalars())


class Waiting:
    """A consumer of reports whose vehicle has to be registered first."""

    def __init__(self, database: Database) -> None:
        self.database, self.known = database, set[str]()
        self.consumers = Consumers("vehicle")
        self.consumers.on_many(VehicleRegistered)(self.register)
        self.consumers.on_many(DriverReported, waits_for=VehicleRegistered)(self.store)
        self.processor = EventProcessor(self.consumers, database, CollectorRegistry())

    async def register(self, _: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
        self.known |= {event.vehicle_id for event in events}

    async def store(self, session: AsyncSession, events: Sequence[DriverReported]) -> list[parking.Waiting]:
        ready = [event for event in events if event.vehicle_id in self.known]
        if ready:
            await session.execute(EFFECT.insert(), [{"report_id": event.report_id, "times": 1} for event in ready])
        return [parking.Waiting(event, event.vehicle_id) for event in events if event.vehicle_id not in self.known]

    effects = Handling.effects
    dead = Handling.dead
