"""Whoever sends or reads slowly, or opens too many connections, is let go; everybody else is served meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from deploy.local.ports import free_port
from shared import http_server
from shared.settings import Settings

APP = FastAPI()


@APP.post("/taken")
async def taken(request: Request) -> int:
    return len(await request.body())


@APP.get("/endless")
async def endless() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(pieces())


class Quiet(http_server.Server):
    """Signals belong to the tests."""

    def capture_signals(self) -> Any:
        from contextlib import nullcontext

        return nullcontext()


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[int]:
    port = free_port()
    made = http_server.make_server(APP, [], settings, "127.0.0.1", port)
    made.__class__ = Quiet
    made.config.timeout_graceful_shutdown = 1
    running = asyncio.create_task(made.serve())
    while not made.started:
        await asyncio.sleep(0.01)
    yield port
    made.should_exit = True
    await running


@pytest.fixture
async def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(http_server, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(http_server, "WRITE_SECONDS", 0.3)
    async with served(Settings(data_dir=tmp_path, connections_per_address=5, trusted_proxies="192.0.2.1")) as opened:
        yield opened


async def closed(reader: asyncio.StreamReader) -> bool:
    """Waits until the server ends the connection."""
    async with asyncio.timeout(30):
        try:
            while await reader.read(1 << 20):
                pass
        except ConnectionError:
            return True
    return True


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /taken HTTP/1.1\r\nHost: a\r\n",
        b"POST /taken HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",
        b"GET /endless HTT",
    ],
)
async def test_a_request_that_does_not_come_to_its_end_ends_the_connection(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    assert await closed(reader)
    writer.close()


async def test_a_client_that_never_reads_is_let_go(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(30):
        while http_server.GuardedProtocol.per_address["127.0.0.1"]:
            await asyncio.sleep(0.05)
    writer.close()
    assert reader is not None


async def test_one_address_holds_so_many_connections_and_no_more(port: int) -> None:
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(9)]
    try:
        assert all([await closed(reader) for reader, _ in connections[5:]])
    finally:
        for _, writer in connections:
            writer.close()


@pytest.mark.parametrize("trusted", ["127.0.0.1", "192.0.2.1, 127.0.0.1", "*"])
async def test_a_trusted_proxy_holds_as_many_connections_as_it_likes(tmp_path: Path, trusted: str) -> None:
    async with served(Settings(data_dir=tmp_path, connections_per_address=2, trusted_proxies=trusted)) as port:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(9)]
        for reader, writer in connections:
            writer.write(b"POST /taken HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            assert b"200" in await reader.readline()
        for _, writer in connections:
            writer.close()


async def test_a_whole_request_is_answered_however_many_halves_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,100 halves of another address: here of the same one, which may hold so many."""
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 600.0)
    async with served(Settings(data_dir=tmp_path, connections_per_address=2000)) as port:
        halves = [await asyncio.open_connection("127.0.0.1", port) for _ in range(1100)]
        for _, writer in halves:
            writer.write(b"POST /taken HTTP/1.1\r\n")
        async with httpx.AsyncClient(timeout=60) as client:
            answers = [await client.post(f"http://127.0.0.1:{port}/taken", content=b"whole") for _ in range(20)]
        assert {(answer.status_code, answer.json()) for answer in answers} == {(200, 5)}
        for _, writer in halves:
            writer.transport.abort()


async def test_a_connection_that_is_kept_serves_request_after_request(port: int) -> None:
    async with httpx.AsyncClient(timeout=60) as client:
        for _ in range(3):
            assert (await client.post(f"http://127.0.0.1:{port}/taken", content=b"abc")).json() == 3
            await asyncio.sleep(0.4)  # longer than a deadline of a request
