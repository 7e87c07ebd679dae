"""One suite for both buses: what a service may rely on, whichever carries its events."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from deploy.local.rabbitmq import LocalRabbit
from shared.bus import Bus, Message
from shared.ids import new_id
from shared.local_bus import LocalBus
from shared.rabbit_bus import RabbitBus


@pytest.fixture(params=["local", "rabbit"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    made: Bus
    if request.param == "local":
        made = LocalBus()
    else:
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        made = RabbitBus(rabbit.url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def name() -> str:
    return f"test-{new_id()}"


class Taker:
    """Remembers what it was given; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.taken: list[str] = []
        self.failures = failures

    async def __call__(self, messages: list[Message]) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")
        self.taken += [message.id for message in messages]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.taken) < count:
                await asyncio.sleep(0.01)


def messages(event_type: str, count: int) -> list[Message]:
    return [Message(new_id(), event_type, "truck", b'{"n": 1}', "00-aa-bb-01") for _ in range(count)]


async def publish_all(bus: Bus, sent: list[Message], seconds: float = 20) -> None:
    """As the relay does: what was not confirmed is sent again."""
    left = sent
    async with asyncio.timeout(seconds):
        while left:
            confirmed = await bus.publish(left)
            left = [message for message in left if message.id not in confirmed]
            await asyncio.sleep(0.01)


async def test_every_bound_queue_gets_every_message_in_order(bus: Bus, name: str) -> None:
    takers = {f"{name}-{part}": Taker() for part in "ab"}
    for queue, taker in takers.items():
        await bus.declare(queue, [name])
        await bus.consume(queue, taker, taker)
    sent = messages(name, 250)
    await publish_all(bus, sent)
    for taker in takers.values():
        await taker.until(250)
        assert taker.taken == [message.id for message in sent]


async def test_a_queue_gets_only_the_types_it_was_declared_for(bus: Bus, name: str) -> None:
    taker, other = Taker(), Taker()
    await bus.declare(name, [f"{name}.wanted"])
    await bus.declare(f"{name}-other", [f"{name}.unwanted"])
    await bus.consume(name, taker, taker)
    await bus.consume(f"{name}-other", other, other)
    wanted = messages(f"{name}.wanted", 3)
    await publish_all(bus, [*messages(f"{name}.unwanted", 3), *wanted])
    await taker.until(3)
    await other.until(3)
    assert taker.taken == [message.id for message in wanted]


async def test_a_message_for_nobody_is_not_confirmed(bus: Bus, name: str) -> None:
    assert await bus.publish(messages(name, 2)) == set()


async def test_a_message_that_was_not_taken_comes_again(bus: Bus, name: str) -> None:
    taker = Taker(failures=2)
    await bus.declare(name, [name])
    await bus.consume(name, taker, taker)
    sent = messages(name, 1)
    await publish_all(bus, sent)
    await taker.until(1)
    assert taker.taken == [sent[0].id]


async def test_what_was_sent_before_a_consumer_came_waits_for_it(bus: Bus, name: str) -> None:
    taker = Taker()
    await bus.declare(name, [name])
    sent = messages(name, 5)
    publishing = asyncio.create_task(publish_all(bus, sent))
    await asyncio.sleep(0.05)
    await bus.consume(name, taker, taker)
    await publishing
    await taker.until(5)
    assert taker.taken == [message.id for message in sent]


async def test_a_message_arrives_whole(bus: Bus, name: str) -> None:
    arrived: list[Message] = []

    async def keep(given: list[Message]) -> None:
        arrived.extend(given)

    await bus.declare(name, [name])
    await bus.consume(name, keep, keep)
    sent = [Message(new_id(), name, "沪A12345", '{"名": "徐汇"}'.encode(), "00-aa-bb-01")]
    await publish_all(bus, sent)
    async with asyncio.timeout(20):
        while not arrived:
            await asyncio.sleep(0.01)
    assert arrived == sent


async def test_a_bus_that_was_closed_and_opened_again_is_a_new_one(bus: Bus, name: str) -> None:
    """As a service does when a queue could not be declared: messages are taken again, not only confirmed."""
    before, taker = Taker(), Taker()
    await bus.declare(name, [name])
    await bus.consume(name, before, before)
    await bus.close()
    await bus.close()
    await bus.open()
    await bus.declare(name, [name])
    await bus.consume(name, taker, taker)
    sent = messages(name, 3)
    await publish_all(bus, sent)
    await taker.until(3)
    assert await bus.ready()
    assert (before.taken, taker.taken) == ([], [message.id for message in sent])


async def test_a_message_for_one_queue_reaches_no_other(bus: Bus, name: str) -> None:
    takers = {f"{name}-{part}": Taker() for part in "ab"}
    for queue, taker in takers.items():
        await bus.declare(queue, [name])
        await bus.consume(queue, taker, taker)
    [to_one], to_all = messages(name, 1), messages(name, 1)
    await publish_all(bus, [replace(to_one, queue=f"{name}-a")])
    await publish_all(bus, to_all)
    await takers[f"{name}-a"].until(2)
    await takers[f"{name}-b"].until(1)
    assert takers[f"{name}-b"].taken == [to_all[0].id]


async def test_after_stopping_nothing_is_taken_any_more(bus: Bus, name: str, request: pytest.FixtureRequest) -> None:
    taker = Taker()
    await bus.declare(name, [name])
    await bus.consume(name, taker, taker)
    await bus.stop_consuming()
    confirmed = await bus.publish(messages(name, 3))
    if confirmed:  # a broker keeps them for whoever comes
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        other, after = RabbitBus(rabbit.url), Taker()
        await other.open()
        await other.consume(name, after, after)
        await after.until(3)
        await other.close()
    assert taker.taken == []


async def test_messages_survive_a_broker_that_is_killed(rabbit: LocalRabbit, name: str) -> None:
    """RabbitMQ only: confirmed before the crash means delivered after it."""
    bus, taker = RabbitBus(rabbit.url), Taker()
    await bus.open()
    await bus.declare(name, [name])
    sent = messages(name, 50)
    await publish_all(bus, sent)
    await asyncio.to_thread(rabbit.sync)
    await asyncio.to_thread(rabbit.kill)
    await asyncio.to_thread(rabbit.start)
    await bus.close()
    again = RabbitBus(rabbit.url)
    await again.open()
    await again.consume(name, taker, taker)
    await taker.until(50)
    assert taker.taken == [message.id for message in sent]
    await again.close()


@pytest.mark.parametrize("break_it", ["restart", "kill"])
async def test_a_consumer_goes_on_after_the_broker_was_away(rabbit: LocalRabbit, name: str, break_it: str) -> None:
    """RabbitMQ only: a broker that stops in good order cancels its consumers, one that is killed just goes away."""
    bus, taker = RabbitBus(rabbit.url), Taker()
    await bus.open()
    await bus.declare(name, [name])
    await bus.consume(name, taker, taker)
    first, second = messages(name, 5), messages(name, 5)
    await publish_all(bus, first)
    await taker.until(5)
    await asyncio.to_thread(rabbit.sync)
    await asyncio.to_thread(getattr(rabbit, break_it))
    await asyncio.to_thread(rabbit.start)
    await publish_all(bus, second, seconds=40)
    await taker.until(10)
    assert set(taker.taken) == {message.id for message in first + second}
    await bus.close()


async def test_the_broker_gives_up_on_a_message_that_ends_its_consumer_every_time(rabbit: LocalRabbit, name: str) -> None:
    """RabbitMQ only: after the delivery limit a message goes to `dead`, where it becomes a dead letter with a reason."""
    buses: list[RabbitBus] = []
    taker = Taker()

    async def dies(_: list[Message]) -> None:
        await asyncio.sleep(3600)

    first = RabbitBus(rabbit.url)
    await first.open()
    await first.declare(name, [name])
    sent = messages(name, 1)
    await publish_all(first, sent)
    await first.close()
    async with asyncio.timeout(60):
        for _ in range(30):
            bus = RabbitBus(rabbit.url)
            buses.append(bus)
            await bus.open()
            await bus.consume(name, dies, taker)
            await asyncio.sleep(0.1)
            await bus.close()
            if taker.taken:
                break
    assert taker.taken == [sent[0].id]


async def test_a_broker_in_alarm_is_told(rabbit: LocalRabbit, name: str) -> None:
    """RabbitMQ only: it takes nothing while it is short of memory, although the connection stands."""
    bus, taker = RabbitBus(rabbit.url), Taker()
    await bus.open()
    await bus.declare(name, [name])
    await bus.consume(name, taker, taker)
    assert await bus.ready()
    rabbit.set_memory_watermark(0.0)
    try:
        publishing = asyncio.create_task(publish_all(bus, messages(name, 1), seconds=60))
        async with asyncio.timeout(30):
            while await bus.ready() or not bus.blocked_seconds():
                await asyncio.sleep(0.05)
    finally:
        rabbit.set_memory_watermark(0.4)
    await publishing
    await taker.until(1)
    async with asyncio.timeout(30):
        while bus.blocked_seconds():
            await asyncio.sleep(0.05)
    assert await bus.ready()
    await bus.close()
