"""An event leaves the outbox when the bus has confirmed it, in the order of its subject."""

import asyncio

import pytest
from consumers_of_reports import report
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from shared.bus import Message
from shared.db import Database
from shared.outbox import OutboxRow, Relay, publish


class Refusing:
    """A bus that confirms only what it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.refused: set[str] = set()

    async def publish(self, messages: list[Message]) -> set[str]:
        self.seen += [m.subject for m in messages]
        return {m.id for m in messages if m.subject not in self.refused}

    async def ready(self) -> bool:
        return True


async def test_an_event_leaves_the_outbox_only_when_it_is_confirmed(database: Database) -> None:
    bus = Refusing()
    bus.refused = {"T-2"}
    relay = Relay(database, bus, CollectorRegistry())  # type: ignore[arg-type]
    async with database.transaction() as session:
        await publish(session, report("a"), report("b").model_copy(update={"vehicle_id": "T-2"}))
    assert await relay.flush() == (1, True)
    assert await relay.unsent() == 1
    bus.refused = set()
    async with asyncio.timeout(20):
        while await relay.unsent():
            await relay.flush()
            await asyncio.sleep(0.01)
    assert bus.seen == ["T-1", "T-2", "T-2"]


async def test_events_that_nobody_takes_do_not_stop_those_behind_them(database: Database) -> None:
    bus = Refusing()
    bus.refused = {f"T-{number}" for number in range(150)}
    relay = Relay(database, bus, CollectorRegistry())  # type: ignore[arg-type]
    unroutable = [report(f"r-{number}").model_copy(update={"vehicle_id": f"T-{number}"}) for number in range(150)]
    async with database.transaction() as session:
        await publish(session, *unroutable, report("good").model_copy(update={"vehicle_id": "T-good"}))
    for _ in range(3):
        await relay.flush()
    assert await relay.unsent() == 150
    assert bus.seen.count("T-good") == 1


async def test_events_of_one_subject_keep_their_order_when_the_first_is_not_taken(database: Database) -> None:
    bus = Refusing()
    bus.refused = {"T-1"}
    relay = Relay(database, bus, CollectorRegistry())  # type: ignore[arg-type]
    async with database.transaction() as session:
        await publish(session, report("first"))
    await relay.flush()
    async with database.transaction() as session:
        await publish(session, report("second"))
    assert await relay.flush() == (0, False)
    assert bus.seen == ["T-1"]


async def test_an_event_of_a_transaction_that_fails_is_never_sent(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await publish(session, report("a"))
            raise RuntimeError("changed my mind")
    async with database.read() as session:
        assert (await session.execute(select(OutboxRow))).first() is None
