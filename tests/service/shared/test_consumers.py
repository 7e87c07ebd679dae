"""What happens to an event: once, again, never — and how it comes back from the dead."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Column, Integer, MetaData, String, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import Message
from shared.clock import now
from shared.consumers import Consumers, Intake
from shared.db import Database
from shared.errors import Conflict
from shared.events.base import wrap
from shared.events.vehicle import DriverReported
from shared.inbox import DeadLetter
from shared.migrations import migrate
from shared.outbox import OutboxRow, Relay, publish
from shared.settings import Settings

EFFECT = Table("effect", MetaData(), Column("report_id", String, primary_key=True), Column("times", Integer))


def report(report_id: str) -> DriverReported:
    return DriverReported(report_id=report_id, vehicle_id="T-1", at=now(), received_at=now(), code="blocked")


def message(report_id: str) -> Message:
    event = report(report_id)
    envelope, body = wrap(event, "vehicle")
    return Message(envelope.id, event.type, event.subject, body.encode(), envelope.traceparent)


class Handling:
    """A consumer whose effect is a row; it fails as told."""

    def __init__(self, database: Database) -> None:
        self.database, self.failures, self.calls = database, {}, 0  # type: ignore[var-annotated]
        self.consumers = Consumers("vehicle")
        self.consumers.on(DriverReported)(self.keep)
        self.intake = Intake(self.consumers, database, CollectorRegistry())
        self.intake.PAUSES = (0.0, 0.0)  # type: ignore[assignment]

    async def keep(self, session: AsyncSession, event: DriverReported) -> None:
        self.calls += 1
        await session.execute(EFFECT.insert(), [{"report_id": event.report_id, "times": 1}])
        failure = self.failures.get(event.report_id, [])
        if failure:
            raise failure.pop(0)

    async def effects(self) -> list[str]:
        async with self.database.read() as session:
            return sorted((await session.execute(select(EFFECT.c.report_id))).scalars())

    async def dead(self) -> list[DeadLetter]:
        async with self.database.read() as session:
            return list((await session.execute(select(DeadLetter))).scalars())


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings, "vehicle")
    await migrate(made)
    async with made.transaction() as session:
        await (await session.connection()).run_sync(EFFECT.create)
    yield made
    await made.close()


@pytest.fixture
def handling(database: Database) -> Handling:
    return Handling(database)


async def test_an_event_delivered_again_has_its_effect_once(handling: Handling) -> None:
    sent = [message("a"), message("b")]
    await handling.intake.deliver(sent)
    await handling.intake.deliver(sent)
    await handling.intake.deliver([sent[0], sent[0]])
    assert await handling.effects() == ["a", "b"]
    assert handling.calls == 2


async def test_a_failing_handler_is_tried_again_and_its_neighbours_are_not_lost(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("once"), RuntimeError("twice")]}
    await handling.intake.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "b", "c"]
    assert await handling.dead() == []


async def test_a_handler_that_keeps_failing_leaves_a_dead_letter_and_no_effect(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("broken")] * 9}
    await handling.intake.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "c"]
    [letter] = await handling.dead()
    assert (letter.handler, letter.reason, letter.attempts) == ("keep", "RuntimeError: broken", 3)


async def test_a_rule_that_says_no_is_not_asked_twice(handling: Handling) -> None:
    handling.failures = {"a": [Conflict("no"), Conflict("no"), Conflict("no")]}
    await handling.intake.deliver([message("a")])
    assert len(await handling.dead()) == 1
    assert handling.calls == 2  # in the batch, and alone


async def test_a_body_that_does_not_fit_is_a_dead_letter_that_does_not_show_it(handling: Handling) -> None:
    broken = Message("id-1", DriverReported.type, "T-1", b'{"data": {"code": "secret-note"}}')
    unknown = Message("id-2", "nobody.knows.v1", "T-1", b"\xff\x00")
    await handling.intake.deliver([broken, unknown, message("a")])
    assert await handling.effects() == ["a"]
    letters = {letter.event_id: letter for letter in await handling.dead()}
    assert set(letters) == {"id-1", "id-2"}
    assert "secret-note" not in letters["id-1"].reason
    assert "data.report_id: Field required" in letters["id-1"].reason


async def test_a_replayed_dead_letter_has_its_effect_once(handling: Handling, database: Database) -> None:
    handling.failures = {"a": [RuntimeError("broken")] * 4}
    await handling.intake.deliver([message("a")])
    [letter] = await handling.dead()
    for state in ("replay", "replay"):
        async with database.transaction() as session:
            await session.execute(update(DeadLetter).values(state=state))
        await handling.intake._replay(letter)
    assert await handling.effects() == ["a"]
    assert [letter.state for letter in await handling.dead()] == ["replayed"]


async def test_while_storage_is_away_nothing_is_given_up(handling: Handling) -> None:
    handling.failures = {"a": [ConnectionResetError("gone")] * 9}
    with pytest.raises(ConnectionResetError):
        await handling.intake.deliver([message("a")])
    assert await handling.dead() == []
    handling.failures = {}
    await handling.intake.deliver([message("a")])
    assert await handling.effects() == ["a"]


class Refusing:
    """A bus that confirms only what it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.refused: set[str] = set()

    async def publish(self, messages: list[Message]) -> set[str]:
        self.seen += [m.subject for m in messages]
        return {m.id for m in messages if m.subject not in self.refused}


async def test_an_event_leaves_the_outbox_only_when_it_is_confirmed(database: Database) -> None:
    bus = Refusing()
    bus.refused = {"T-2"}
    relay = Relay(database, bus, CollectorRegistry())  # type: ignore[arg-type]
    async with database.transaction() as session:
        await publish(session, report("a"), report("b").model_copy(update={"vehicle_id": "T-2"}))
    assert await relay.flush() == (1, True)
    assert await relay.unsent() == 1
    bus.refused = set()
    await relay.flush()
    assert await relay.unsent() == 0
    assert bus.seen == ["T-1", "T-2", "T-2"]


async def test_an_event_of_a_transaction_that_fails_is_never_sent(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await publish(session, report("a"))
            raise RuntimeError("changed my mind")
    async with database.read() as session:
        assert (await session.execute(select(OutboxRow))).first() is None


async def test_only_one_process_leads(settings: Settings, database: Database, tmp_path: Path) -> None:
    if not database.is_postgres:
        pytest.skip("SQLite has one process")
    other = Database(settings, "vehicle")
    async with database.leadership("relay") as leading:
        assert await leading()
        with pytest.raises(TimeoutError):
            import asyncio

            async with asyncio.timeout(1.5), other.leadership("relay"):
                pass
    async with other.leadership("relay") as leading:
        assert await leading()
    await other.close()
