"""What happens to an event: once, again, never — and how it comes back from the dead."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Column, Integer, MetaData, String, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.bus import Message
from shared.clock import frozen, now
from shared.consumers import Consumers
from shared.db import Database
from shared.dead_letters import DeadLetter
from shared.errors import Conflict
from shared.event_processor import EventProcessor
from shared.events.base import wrap
from shared.events.vehicle import DriverReported, VehicleRegistered
from shared.migrations import migrate
from shared.outbox import OutboxRow, Relay, publish
from shared.settings import Settings
from shared.vocabulary import VehicleKind

EFFECT = Table("effect", MetaData(), Column("report_id", String, primary_key=True), Column("times", Integer))


def report(report_id: str) -> DriverReported:
    return DriverReported(report_id=report_id, vehicle_id="T-1", at=now(), received_at=now(), code="blocked")


def message(report_id: str, vehicle_id: str = "T-1") -> Message:
    event = report(report_id).model_copy(update={"vehicle_id": vehicle_id})
    envelope, body = wrap(event, "vehicle")
    return Message(envelope.id, event.type, event.subject, body.encode(), envelope.traceparent)


class Handling:
    """A consumer whose effect is a row; it fails as told."""

    def __init__(self, database: Database) -> None:
        self.database, self.failures, self.calls = database, {}, 0  # type: ignore[var-annotated]
        self.consumers = Consumers("vehicle")
        self.consumers.on(DriverReported)(self.keep)
        self.processor = EventProcessor(self.consumers, database, CollectorRegistry())

    async def keep(self, session: AsyncSession, event: DriverReported) -> None:
        self.calls += 1
        await session.execute(EFFECT.insert(), [{"report_id": event.report_id, "times": 1}])
        failure = self.failures.get(event.report_id, [])
        if failure:
            raise failure.pop(0)

    async def retry_until_none_is_left(self) -> None:
        """As time goes by."""
        at = now()
        while await self.processor.open_retries():
            at += timedelta(seconds=6)
            with frozen(at):
                await self.processor.retry_due()

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
    await handling.processor.deliver(sent)
    await handling.processor.deliver(sent)
    await handling.processor.deliver([sent[0], sent[0]])
    assert await handling.effects() == ["a", "b"]
    assert handling.calls == 2


async def test_a_failing_handler_is_tried_again_and_its_neighbours_are_not_lost(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("once"), RuntimeError("twice"), RuntimeError("thrice")]}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "c"]
    await handling.retry_until_none_is_left()
    assert await handling.effects() == ["a", "b", "c"]
    assert await handling.dead() == []


async def test_a_handler_that_keeps_failing_leaves_a_dead_letter_and_no_effect(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("broken")] * 9}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    await handling.retry_until_none_is_left()
    assert await handling.effects() == ["a", "c"]
    [letter] = await handling.dead()
    assert (letter.handler, letter.reason, letter.attempts) == ("keep", "RuntimeError: broken", 5)


async def test_a_rule_that_says_no_is_not_asked_twice(handling: Handling) -> None:
    handling.failures = {"a": [Conflict("no"), Conflict("no"), Conflict("no")]}
    await handling.processor.deliver([message("a")])
    assert len(await handling.dead()) == 1
    assert handling.calls == 2  # in the batch, and alone


async def test_a_body_that_does_not_fit_is_a_dead_letter_that_does_not_show_it(handling: Handling) -> None:
    broken = Message("id-1", DriverReported.type, "T-1", b'{"data": {"code": "secret-note"}}')
    unknown = Message("id-2", "nobody.knows.v1", "T-1", b"\xff\x00")
    await handling.processor.deliver([broken, unknown, message("a")])
    assert await handling.effects() == ["a"]
    letters = {letter.event_id: letter for letter in await handling.dead()}
    assert set(letters) == {"id-1", "id-2"}
    assert "secret-note" not in letters["id-1"].reason
    assert "data.report_id: Field required" in letters["id-1"].reason


async def test_a_replayed_dead_letter_has_its_effect_once(handling: Handling, database: Database) -> None:
    handling.failures = {"a": [RuntimeError("broken")] * 6}
    await handling.processor.deliver([message("a")])
    await handling.retry_until_none_is_left()
    [letter] = await handling.dead()
    for state in ("replay", "replay"):
        async with database.transaction() as session:
            await session.execute(update(DeadLetter).values(state=state))
        await handling.processor._replay(letter)
    assert await handling.effects() == ["a"]
    assert [letter.state for letter in await handling.dead()] == ["replayed"]


async def test_while_storage_is_away_nothing_is_given_up(handling: Handling) -> None:
    handling.failures = {"a": [ConnectionResetError("gone")] * 9}
    with pytest.raises(ConnectionResetError):
        await handling.processor.deliver([message("a")])
    assert await handling.dead() == []
    handling.failures = {}
    await handling.processor.deliver([message("a")])
    assert await handling.effects() == ["a"]


NUL = "a\x00b"


def strange_messages() -> list[Message]:
    """What a broker may deliver although nobody of ours sends it: NUL and other bytes in every part that holds text."""
    good = message("never")
    named = Message(NUL, DriverReported.type, "T-1", b"{}")
    return [
        named,
        Message("id-type", NUL, "T-1", good.body),
        Message("id-subject", DriverReported.type, NUL, b"{}"),
        Message("id-trace", DriverReported.type, "T-1", b"{}", NUL),
        Message("id-body", DriverReported.type, "T-1", b"\x00\xff\xfe"),
        Message("id-surrogate", DriverReported.type, "T-1", b'{"id": "\\ud800"}'),
        Message("", "", "", b""),
        Message("\ud800", DriverReported.type, "\ud800", b"[]"),
        Message("id-envelope", DriverReported.type, "T-1", good.body.replace(b'"id":"', b'"id":"\\u0000')),
        Message("id-long", DriverReported.type, "T-1", good.body.replace(b'"id":"', b'"id":"' + b"x" * 5000)),
    ]


async def test_a_message_with_nul_anywhere_is_one_dead_letter_however_often_it_comes(handling: Handling) -> None:
    strange = strange_messages()
    for number in range(3):
        await handling.processor.deliver([message(f"before-{number}"), *strange, message(f"behind-{number}")])
    assert len(await handling.dead()) == len(strange)
    assert len(await handling.effects()) == 6


async def test_a_reason_with_nul_can_be_kept(handling: Handling) -> None:
    handling.failures = {"a": [Conflict(NUL)] * 2}
    await handling.processor.deliver([message("a")])
    [letter] = await handling.dead()
    assert letter.reason == "Conflict: a\\x00b"


async def test_what_the_broker_gave_up_on_can_always_be_kept(handling: Handling) -> None:
    await handling.processor.dead(strange_messages())
    assert len(await handling.dead()) == len(strange_messages())


async def test_an_event_whose_handler_fails_holds_up_no_other(handling: Handling) -> None:
    """The pauses between its attempts are not spent while others wait: it is asked twice, in the batch and alone."""
    handling.failures = {"b": [RuntimeError("broken")] * 9}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "c"]
    assert len(handling.failures["b"]) == 7
    assert await handling.processor.open_retries() == 1


class Waiting:
    """A consumer of reports whose vehicle has to be registered first."""

    def __init__(self, database: Database) -> None:
        self.database, self.known = database, set[str]()
        self.consumers = Consumers("vehicle")
        self.consumers.on_many(VehicleRegistered)(self.register)
        self.consumers.on_many(DriverReported, waits_for=VehicleRegistered)(self.keep)
        self.processor = EventProcessor(self.consumers, database, CollectorRegistry())

    async def register(self, _: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
        self.known |= {event.vehicle_id for event in events}

    async def keep(self, session: AsyncSession, events: Sequence[DriverReported]) -> list[parking.Waiting]:
        ready = [event for event in events if event.vehicle_id in self.known]
        if ready:
            await session.execute(EFFECT.insert(), [{"report_id": event.report_id, "times": 1} for event in ready])
        return [parking.Waiting(event, event.vehicle_id) for event in events if event.vehicle_id not in self.known]

    effects = Handling.effects
    dead = Handling.dead


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


async def test_an_event_waits_for_its_subject_while_others_go_on(database: Database) -> None:
    waiting = Waiting(database)
    waiting.known = {"T-2"}
    early, other = message("early"), message("other", "T-2")
    for _ in range(2):
        await waiting.processor.deliver([early, other])
        assert await waiting.effects() == ["other"]
    await waiting.processor.deliver([registered("T-1")])
    assert await waiting.effects() == ["early", "other"]
    await waiting.processor.deliver([early, registered("T-1")])
    assert await waiting.effects() == ["early", "other"]
    assert await waiting.dead() == []


async def test_an_event_and_its_subject_in_one_batch_need_not_wait(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a"), registered("T-1")])
    assert await waiting.effects() == ["a"]


async def test_a_subject_that_another_replica_stored_at_the_same_moment_is_found_later(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a")])
    waiting.known = {"T-1"}  # by a replica that saw no event waiting yet
    with frozen(now() + parking.ASK_AGAIN):
        await waiting.processor.retry_due()
    assert await waiting.effects() == ["a"]


async def test_an_event_whose_subject_never_comes_becomes_a_dead_letter(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a")])
    with frozen(now() + parking.LONGEST_WAIT / 2):
        await waiting.processor.retry_due()
    assert await waiting.dead() == []
    with frozen(now() + parking.LONGEST_WAIT):
        await waiting.processor.retry_due()
    [letter] = await waiting.dead()
    assert letter.reason == "waits for T-1"


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
