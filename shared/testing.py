"""What tests of every service need: a running service in this process, on either database and either bus.

Everything in it is real; only the HTTP connection is left out, and time may be frozen (`shared.clock.frozen`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from shared.app import running
from shared.auth import TokenSigner, make_keys
from shared.bus import Bus, Deliver, Message
from shared.clock import monotonic, now
from shared.db import Database
from shared.edge import Edge
from shared.events.base import Event
from shared.local_bus import LocalBus
from shared.migrations import migrate
from shared.parking import count_open
from shared.settings import Settings
from shared.vocabulary import Role

Factory = Callable[[Settings, Bus], FastAPI]
FIRST_ROUND_UNDER_WAY_MINUTE = 28


def early_zone() -> str:
    """Where it is between 00:28 and 01:28 now: the demo's trucks are on their first round, with little to catch up."""
    at = now().astimezone(UTC)
    hour = 0 if at.minute >= FIRST_ROUND_UNDER_WAY_MINUTE else 1
    return f"Etc/GMT{(at.hour - hour + 11) % 24 - 11:+d}"  # POSIX counts west of Greenwich as positive


class Duplicator:
    """A bus that delivers every batch twice: handlers must not care."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:
        async def twice(messages: list[Message]) -> None:
            await deliver(messages)
            await deliver(messages)

        await self._bus.consume(queue, twice, dead)


class Audience:
    """A bus with one more queue, which takes every event and remembers it: whatever a service tells, somebody hears it."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self.heard = bus, list[Message]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def open(self) -> None:
        await self._bus.open()
        await self._bus.declare("audience", sorted(Event.registry))
        await self._bus.consume("audience", self._hear, self._hear)

    async def _hear(self, messages: list[Message]) -> None:
        self.heard += messages


class City:
    """Services behind one edge, as `sanitation serve all` composes them."""

    def __init__(self, settings: Settings, apps: Sequence[FastAPI], bus: Bus) -> None:
        self.settings = settings
        self.apps: dict[str, FastAPI] = {app.state.service.name: app for app in apps}
        self.edge = Edge(apps, apps[-1], bus)
        self._signer = TokenSigner(settings.signing_key)
        self._last_busy = ""

    def token(self, role: Role, **scope: list[str]) -> str:
        """Of whatever role and bindings, as nobody would issue it, too."""
        return self._signer.sign(role, timedelta(hours=1), **scope)[0]

    def client(self, role: Role | None = None, **scope: list[str]) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(role, **scope)}"} if role else {}
        # Answers of 500 are answers: a test sees what a caller would.
        transport = httpx.ASGITransport(self.edge, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://city.test", headers=headers, timeout=60)

    async def post_cut_off(self, path: str, body: bytes, cut: int, content_type: str, *, method: str = "POST") -> list[int]:
        """Send `body` up to `cut` as an admin and go away; the statuses that were answered all the same."""
        received = iter([{"type": "http.request", "body": body[:cut], "more_body": True}])
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return next(received, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        headers = {"authorization": f"Bearer {self.token(Role.ADMIN)}", "content-type": content_type}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("city.test", 80),
        }
        await self.edge(scope, receive, send)
        return statuses

    async def settle(self, seconds: float = 60) -> None:
        """Wait until every event has been handed over and has had its effect."""
        deadline = monotonic() + seconds
        quiet = 0
        while quiet < 2:  # noqa: PLR2004 - an effect may publish once more
            busy = await self._busy_service()
            quiet = quiet + 1 if busy is None else 0
            if monotonic() > deadline:
                raise TimeoutError(f"events are still waiting in {busy}")
            await asyncio.sleep(0.02)

    async def _busy_service(self) -> str | None:
        for name, app in sorted(self.apps.items(), key=lambda item: item[0] != self._last_busy):
            async with app.state.resources.database.read() as session:
                if await count_open(session):
                    self._last_busy = name
                    return name
        return None


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 120) -> None:
    """Wait for what is to come true; a TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


async def migrate_services(settings: Settings, names: Sequence[str]) -> None:
    for name in names:
        database = Database(settings, name)
        await migrate(database)
        await database.close()


@asynccontextmanager
async def city(
    settings: Settings, factories: Sequence[Factory], bus: Bus | None = None, *, migrated: bool = False
) -> AsyncIterator[City]:
    """Running services, stopped in good order at the end. `migrated`: the databases are known to have their tables."""
    make_keys(settings.signing_key, settings.verify_key)
    bus = bus or LocalBus()
    apps = [factory(settings, bus) for factory in factories]
    if not migrated:
        await migrate_services(settings, [app.state.service.name for app in apps])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(apps, bus))
        yield City(settings, apps, bus)
