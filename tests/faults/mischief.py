"""What strangers send while things break: bodies that are cut off, and messages that no service can handle."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aio_pika

from shared.auth import TokenSigner
from shared.rabbit_bus import EXCHANGE
from shared.vocabulary import Role

VEHICLE = "CUT-1"
"""Nothing of this vehicle may ever be found: none of its requests arrives whole."""
PAUSE_SECONDS = 0.1
TYPES = ("vehicle.bin_lifted.v1", "vehicle.telemetry_recorded.v1", "route.stop_judged.v1", "vehicle.registered.v1")
NUL = "a\x00b"


class Mischief:
    """Goes on until it is stopped; what it cannot send because things are broken it sends later."""

    def __init__(self, url: Callable[[], str], signing: TokenSigner, bus_url: str | None) -> None:
        self._url, self._bus_url = url, bus_url
        self._token = signing.issue(Role.DEVICE, timedelta(hours=1), vehicle_ids=[VEHICLE])[0]
        self.cut_off = self.poisoned = 0
        self._stopping = asyncio.Event()

    async def go_on(self) -> None:
        await asyncio.gather(self._cut_off(), self._poison())

    def stop(self) -> None:
        self._stopping.set()

    async def _cut_off(self) -> None:
        rng, number = random.Random(7), 0
        while not self._stopping.is_set():
            with suppress(OSError):
                await self._half_a_request(number, rng)
                self.cut_off += 1
            number += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _half_a_request(self, number: int, rng: random.Random) -> None:
        at = datetime.now(UTC) - timedelta(minutes=10) + timedelta(milliseconds=number)
        record = {"kind": "bin_lift", "at": at.isoformat(), "net_kg": 10_000, "tag": "CUT"}
        body = json.dumps({"vehicle_id": VEHICLE, "records": [record]}).encode()
        head = (
            f"POST /v1/telemetry HTTP/1.1\r\nHost: city\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        )
        url = urlsplit(self._url())
        _, writer = await asyncio.open_connection(url.hostname, url.port)
        # Often the whole document is there, and only the length tells that something is missing.
        writer.write(head.encode() + body[: rng.choice([0, 1, len(body) // 2, len(body) - 1, len(body), len(body)])])
        await writer.drain()
        writer.close()

    async def _poison(self) -> None:
        if self._bus_url is None:
            return
        while not self._stopping.is_set():
            with suppress(OSError, aio_pika.exceptions.AMQPError, RuntimeError, TimeoutError):
                await self._poison_while_the_broker_is_there(self._bus_url)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _poison_while_the_broker_is_there(self, url: str) -> None:
        connection = await asyncio.wait_for(aio_pika.connect(url), 10)
        async with connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(EXCHANGE)
            while not self._stopping.is_set():
                for event_type in TYPES:
                    for body in (b"{}", b"\x00\xff", b'{"id": "\\u0000"}', b"[" * 1000):
                        message = aio_pika.Message(
                            body,
                            message_id=NUL if self.poisoned % 2 else "",
                            type=event_type,
                            headers={"subject": NUL, "traceparent": NUL},
                        )
                        await asyncio.wait_for(exchange.publish(message, event_type), 10)
                        self.poisoned += 1
                await asyncio.sleep(PAUSE_SECONDS * 10)
