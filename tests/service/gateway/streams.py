"""A real HTTP server in this process, and a console that follows the live stream through it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from deploy.local.ports import free_port
from shared.testing import City
from shared.vocabulary import Role


@asynccontextmanager
async def served(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """The address of `app`, which runs already: the server only carries HTTP. In-process transports would hold a stream back."""
    port = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


@dataclass
class Said:
    event: str
    id: str
    data: dict[str, Any]


class Console:
    """What a console hears, event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, seconds: float = 10) -> Said:
        return await asyncio.wait_for(self._event(), seconds)

    async def until(self, holds: Any) -> Said:
        """The first event for which `holds(data)` is true."""
        while True:
            said = await self.next()
            if holds(said.data):
                return said

    async def nothing(self, seconds: float = 0.5) -> bool:
        """Whether it stays quiet for so long; the stream cannot be read after this."""
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False

    async def ended(self, seconds: float = 10) -> bool:
        try:
            while True:
                await self.next(seconds)
        except StopAsyncIteration:
            return True

    async def _event(self) -> Said:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                return Said(fields["event"], fields["id"], json.loads(fields["data"]))
        raise StopAsyncIteration


@asynccontextmanager
async def following(
    city: City, url: str, params: dict[str, Any] | None = None, last_id: str = "", **scope: list[str]
) -> AsyncIterator[Console]:
    headers = {"Authorization": f"Bearer {city.token(Role.DISPATCHER, **scope)}"} | (
        {"Last-Event-ID": last_id} if last_id else {}
    )
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        async with client.stream("GET", "/v1/city/live", params=params) as answer:
            assert answer.status_code == 200, await answer.aread()
            yield Console(answer)
