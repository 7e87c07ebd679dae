"""The HTTP server of a process: uvicorn, with deadlines for whoever sends or reads too slowly, and a cap for each address."""

import asyncio
import logging
import resource
from collections import Counter
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.clock import monotonic
from shared.settings import Settings

log = logging.getLogger(__name__)
HEAD_SECONDS = 15.0
"""From the first byte of a request (or from the connection) to the end of its head."""
BODY_SECONDS = 120.0
"""From there to the end of its body: the largest import over a line of 2 Mbit/s."""
WRITE_SECONDS = 30.0
"""How long a reader may leave an answer unread when all buffers on the way are full."""
LOG_SECONDS = 10.0


class GuardedProtocol(HttpToolsProtocol):
    """Closes connections that would otherwise stay for as long as their peer likes."""

    per_address: Counter[str] = Counter()
    most_per_address = 500
    proxies: frozenset[str] = frozenset()
    _told_at = float("-inf")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._address = str((transport.get_extra_info("peername") or [""])[0])
        GuardedProtocol.per_address[self._address] += 1
        trusted = bool({self._address, "*"} & self.proxies)
        if not trusted and self.per_address[self._address] > self.most_per_address:
            self._close("too many connections of one address")
            return
        self._expect("the head of a request did not come", HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        GuardedProtocol.per_address[self._address] -= 1
        if not self.per_address[self._address]:
            del GuardedProtocol.per_address[self._address]
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect("the head of a request did not come", HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._expect("the body of a request did not come", BODY_SECONDS)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._expect_nothing()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect("an answer was not read", WRITE_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._expect_nothing()

    def _expect(self, otherwise: str, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self._close, otherwise)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self, why: str) -> None:
        if monotonic() - GuardedProtocol._told_at > LOG_SECONDS:
            GuardedProtocol._told_at = monotonic()
            log.warning("connection closed", extra={"reason": why, "address": self._address})
        self.transport.abort()


class Server(uvicorn.Server):
    """Says at the first signal that it stops, so that open event streams end and uvicorn can."""

    def __init__(self, config: uvicorn.Config, stopping: Sequence[asyncio.Event]) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: object) -> None:
        for event in self._stopping:
            event.set()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


def make_server(served: Any, stopping: Sequence[asyncio.Event], settings: Settings, host: str, port: int) -> Server:
    """`served` at one port; `stopping` is set when the process is told to end."""
    _raise_file_limit()
    GuardedProtocol.most_per_address = settings.connections_per_address
    GuardedProtocol.proxies = frozenset(part.strip() for part in settings.trusted_proxies.split(","))
    config = uvicorn.Config(
        served,
        host=host,
        port=port,
        http=GuardedProtocol,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        timeout_keep_alive=75,
        lifespan="on",
        forwarded_allow_ips=settings.trusted_proxies,
    )
    return Server(config, stopping)


def _raise_file_limit() -> None:
    """Each connection is a file; many systems begin with 1,024 and allow more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
