"""RabbitMQ behind the Bus protocol; facts this rests on are RabbitMQ's own documents and measurements on 3.10 and later.

One durable topic exchange, one quorum queue per consuming service, each with a dead-letter queue for what the broker gives
up on. Publisher confirms with `mandatory`: an event nobody is bound to is not confirmed and stays in the outbox.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection
from aiormq.channel import Channel as AiormqChannel
from aiormq.exceptions import AMQPError

from shared.bus import Deliver, Message
from shared.clock import monotonic

log = logging.getLogger(__name__)
EXCHANGE = "sanitation"
GATHER_SECONDS = 0.05
PREFETCH = 200
BATCH = 100
DELIVERY_LIMIT = 20
"""Redeliveries before the broker dead-letters: RabbitMQ 3.10 has no limit of its own, and a crash counts the whole prefetch."""
PUBLISH_SECONDS = 10.0
ALARM_SECONDS = 0.5
CLOSE_SECONDS = 5.0


class RabbitBus:
    def __init__(self, url: str) -> None:
        self._url = f"{url}{'&' if '?' in url else '?'}heartbeat=10&reconnect_interval=1"
        self._forget()

    def _forget(self) -> None:
        """The state of a bus that was never opened."""
        self._publishing: AbstractRobustConnection | None = None
        self._consuming: AbstractRobustConnection | None = None
        self._exchange: aio_pika.abc.AbstractRobustExchange | None = None
        self._out: AbstractRobustChannel | None = None
        # aio-pika keeps channels only weakly: without these references a channel is collected and falls silent.
        self._channels: list[AbstractRobustChannel] = []
        self._subscriptions: list[_Subscription] = []
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._blocked_since: float | None = None

    async def open(self) -> None:
        self._forget()
        self._publishing, self._consuming = await self._connect(), await self._connect()
        self._out = await self._publishing.channel(publisher_confirms=True, on_return_raises=True)
        assert self._out is not None  # noqa: S101 - for mypy
        self._exchange = await self._out.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        self._workers.append(asyncio.create_task(self._watch_alarm(), name="watch the broker's alarm"))

    async def _connect(self) -> AbstractRobustConnection:
        while True:
            try:
                return await aio_pika.connect_robust(self._url, timeout=10)
            except (OSError, AMQPError, TimeoutError) as error:
                log.warning("broker is away", extra={"error": type(error).__name__})
                await asyncio.sleep(1)

    async def declare(self, queue: str, types: Sequence[str]) -> None:
        channel = await self._channel()
        exchange = await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        await channel.declare_queue(f"{queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        bound = await channel.declare_queue(
            queue,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": f"{queue}.dead",
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        for event_type in types:
            await bound.bind(exchange, routing_key=event_type)

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:
        for name, take in ((queue, deliver), (f"{queue}.dead", dead)):
            channel = await self._channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            subscription = _Subscription(name, channel)
            await subscription.begin()
            self._subscriptions.append(subscription)
            self._workers.append(asyncio.create_task(self._work(name, subscription.arrived, take), name=f"consume {name}"))
            self._workers.append(asyncio.create_task(self._keep(subscription), name=f"keep {name}"))

    async def _keep(self, subscription: "_Subscription") -> None:
        """A broker that stops in good order cancels its consumers first; aio-pika then comes back without them."""
        while not self._stopping.is_set():
            await asyncio.sleep(1)
            try:
                await asyncio.wait_for(subscription.begin_again_if_cancelled(), 10)
            except (AMQPError, RuntimeError, OSError, TimeoutError) as error:
                log.info("not consuming yet", extra={"queue": subscription.name, "error": type(error).__name__})

    async def _channel(self) -> AbstractRobustChannel:
        if self._consuming is None:
            raise ConnectionError("the bus is not open")
        channel: AbstractRobustChannel = await self._consuming.channel()
        self._channels.append(channel)
        return channel

    async def _work(self, name: str, arrived: asyncio.Queue[AbstractIncomingMessage], take: Deliver) -> None:
        settled_at = 0.0
        stopping = self._stopping
        while not stopping.is_set():
            batch = [await arrived.get()]
            if monotonic() - settled_at < GATHER_SECONDS:
                await asyncio.sleep(GATHER_SECONDS)  # in a steady stream: what comes together costs one transaction
            while len(batch) < BATCH and not arrived.empty():
                batch.append(arrived.get_nowait())
            pause = 0.2
            while not await self._taken(name, batch, take):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            await self._acknowledge(batch)
            settled_at = monotonic()

    async def _taken(self, name: str, batch: list[AbstractIncomingMessage], take: Deliver) -> bool:
        try:
            await take([_received(message) for message in batch])
        except Exception as error:
            log.warning("delivery pauses", extra={"queue": name, "error": repr(error)})
            return False
        return True

    async def _acknowledge(self, batch: list[AbstractIncomingMessage]) -> None:
        for message in batch:
            try:
                await message.ack()
            except (AMQPError, RuntimeError, OSError) as error:
                # The broker will deliver it again; the inbox knows it already.
                log.info("acknowledgement lost", extra={"error": type(error).__name__})

    async def publish(self, messages: Sequence[Message]) -> set[str]:
        results = await asyncio.gather(*(self._publish(message) for message in messages), return_exceptions=True)
        failed = [result for result in results if isinstance(result, BaseException)]
        if failed:
            log.warning("not confirmed", extra={"count": len(failed), "error": repr(failed[0])})
        return {m.id for m, result in zip(messages, results, strict=True) if not isinstance(result, BaseException)}

    async def _publish(self, message: Message) -> None:
        if self._exchange is None:
            raise ConnectionError("the bus is not open")
        body = aio_pika.Message(
            message.body,
            message_id=message.id,  # unique: returns are matched by it
            type=message.type,
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            headers={"subject": message.subject, "traceparent": message.traceparent},
        )
        assert self._out is not None  # noqa: S101 - opened together with the exchange
        exchange, key = (self._out.default_exchange, message.queue) if message.queue else (self._exchange, message.type)
        # A timeout means unknown, not failed: the row is sent again and the inbox drops the double.
        await asyncio.wait_for(exchange.publish(body, key, mandatory=True, timeout=PUBLISH_SECONDS), PUBLISH_SECONDS + 1)

    async def ready(self) -> bool:
        return await self._is_connected() and not self._blocked_since

    async def _is_connected(self) -> bool:
        return self._publishing is not None and self._publishing.connected.is_set()

    def blocked_seconds(self) -> float:
        return 0.0 if self._blocked_since is None else monotonic() - self._blocked_since

    async def _watch_alarm(self) -> None:
        """A broker in alarm tells its publishers that it takes nothing; what is sent meanwhile waits in the connection."""
        stopping = self._stopping
        while not stopping.is_set():
            taking = await self._takes_messages()
            self._blocked_since = None if taking else self._blocked_since or monotonic()
            await asyncio.sleep(ALARM_SECONDS)

    async def _takes_messages(self) -> bool:
        if self._publishing is None or self._publishing.transport is None or not await self._is_connected():
            return True  # away is not blocked; `ready` tells
        try:
            async with asyncio.timeout(ALARM_SECONDS):
                await self._publishing.transport.connection.ready()
        except TimeoutError:
            return not await self._is_connected()
        return True

    async def stop_consuming(self) -> None:
        self._stopping.set()
        for subscription in self._subscriptions:
            try:
                await asyncio.wait_for(subscription.end(), 2)
            except (AMQPError, RuntimeError, OSError, TimeoutError) as error:
                log.info("cancel failed", extra={"error": type(error).__name__})
        self._subscriptions.clear()
        if self._workers:
            _, running = await asyncio.wait(self._workers, timeout=0.5)
            for worker in running:
                worker.cancel()  # waits for a message, or its batch is delivered again after the restart
            await asyncio.gather(*running, return_exceptions=True)
        self._workers.clear()

    async def close(self) -> None:
        await self.stop_consuming()
        connections = (self._publishing, self._consuming)
        self._forget()
        for connection in connections:
            if connection is not None:
                with suppress(AMQPError, RuntimeError, OSError, TimeoutError):
                    await asyncio.wait_for(connection.close(), CLOSE_SECONDS)


class _Subscription:
    """One queue that we consume, and what has arrived from it."""

    def __init__(self, name: str, channel: AbstractRobustChannel) -> None:
        self.name, self._channel = name, channel
        self.arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._tag = ""

    async def begin(self) -> None:
        source = await self._channel.get_queue(self.name, ensure=False)
        self._tag = await source.consume(self.arrived.put)

    async def begin_again_if_cancelled(self) -> None:
        underlying = cast("AiormqChannel", await self._channel.get_underlay_channel())
        if self._tag not in underlying.consumers:
            await self.begin()
            log.warning("consuming again", extra={"queue": self.name})

    async def end(self) -> None:
        source = await self._channel.get_queue(self.name, ensure=False)
        await source.cancel(self._tag)


def _received(message: AbstractIncomingMessage) -> Message:
    headers = message.headers
    return Message(
        message.message_id or "",
        message.type or "",
        str(headers.get("subject", "")),
        message.body,
        str(headers.get("traceparent", "")),
    )
