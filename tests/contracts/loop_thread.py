"""Services that run in a loop of their own thread, so that a test which is no coroutine can ask them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from shared import testing
from shared.settings import Settings
from shared.testing import City, Factory

T = TypeVar("T")


class InThread:
    def __init__(self, city: City, loop: asyncio.AbstractEventLoop) -> None:
        self.city, self._loop = city, loop

    def run(self, work: Callable[[City], Awaitable[T]]) -> T:
        async def awaited() -> T:
            return await work(self.city)

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(60)


@contextmanager
def running(settings: Settings, factories: Sequence[Factory]) -> Iterator[InThread]:
    started = threading.Event()
    held: dict[str, Any] = {}

    async def live() -> None:
        stop = asyncio.Event()
        try:
            async with testing.city(settings, factories) as city:
                held["city"] = InThread(city, asyncio.get_running_loop())
                held["stop"] = stop
                started.set()
                await stop.wait()
        finally:
            started.set()

    thread = threading.Thread(target=asyncio.run, args=(live(),), name="services")
    thread.start()
    started.wait()
    try:
        yield held["city"]
    finally:
        held["city"]._loop.call_soon_threadsafe(held["stop"].set)
        thread.join(30)
