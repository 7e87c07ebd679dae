"""The real servers of `deploy.local`: what they confirmed is still there after SIGKILL; Caddy sends each path home."""

import asyncio
import http.client
import json
import re
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from yarl import URL

from deploy.local.edge import CADDYFILE, LocalEdge
from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from deploy.local.rabbitmq import LocalRabbit
from shared.http_server import BODY_SECONDS, HEAD_SECONDS
from shared.settings import SERVICES, Settings


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"), free_port())
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRabbit]:
    server = LocalRabbit(tmp_path_factory.mktemp("rabbit"), free_port())
    server.start()
    yield server
    server.remove()


async def test_a_committed_row_survives_the_kill_of_postgres(postgres: LocalPostgres) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE TABLE lift (net_kg int)")
    await connection.execute("INSERT INTO lift VALUES (46)")

    postgres.kill()
    assert not postgres.alive
    connection.terminate()
    postgres.start()

    connection = await asyncpg.connect(postgres.url)
    assert await connection.fetchval("SELECT net_kg FROM lift") == 46
    await connection.close()

    postgres.restart()
    connection = await asyncpg.connect(postgres.url)
    assert await connection.fetchval("SELECT count(*) FROM lift") == 1
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.close()


async def test_databases_are_made_copied_and_dropped(postgres: LocalPostgres) -> None:
    connection = await asyncpg.connect(postgres.create_database("first"))
    await connection.execute("CREATE TABLE stop AS SELECT 7 AS seq")
    await connection.close()

    copy = await asyncpg.connect(postgres.create_database("copy", template="first"))
    assert await copy.fetchval("SELECT seq FROM stop") == 7

    postgres.drop_database("copy")  # although somebody is connected
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(postgres.url_of("copy"))


async def test_postgres_lets_nobody_in_without_the_password(postgres: LocalPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://sanitation:sanitation@127.0.0.1:{postgres.port}/sanitation")
    assert stat.S_IMODE(postgres.password_path.stat().st_mode) == 0o600


async def test_a_confirmed_message_survives_the_kill_of_rabbitmq(rabbit: LocalRabbit) -> None:
    connection = await aio_pika.connect(rabbit.url)
    channel = await connection.channel(publisher_confirms=True)
    await channel.declare_queue("lifts", durable=True, arguments={"x-queue-type": "quorum"})
    await asyncio.to_thread(rabbit.sync)
    message = aio_pika.Message(b"46 kg", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key="lifts")

    rabbit.kill()
    assert not rabbit.alive
    with suppress(aio_pika.exceptions.AMQPError, ConnectionError):
        await connection.close()
    rabbit.start()

    assert await _take_one(rabbit, "lifts") == b"46 kg"


async def test_rabbitmq_knows_no_guest(rabbit: LocalRabbit) -> None:
    guest = aio_pika.Connection(URL(f"amqp://guest:guest@127.0.0.1:{rabbit.port}/"))
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await guest.connect()
    await guest.close()


class NamedService(BaseHTTPRequestHandler):
    """Answers its service's name; on /v1/city/live one event, and the next only when the test says so."""

    may_send_second_event = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/v1/city/live":
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: first\n\n")
            self.wfile.flush()
            self.may_send_second_event.wait(10)
            self.wfile.write(b"data: second\n\n")
        else:
            self.end_headers()
            self.wfile.write(str(self.server.service_name).encode())  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        """Reads all that comes before it answers."""
        if length := int(self.headers.get("Content-Length", 0)):
            self.rfile.read(length)
        else:
            while size := int(self.rfile.readline() or b"0", 16):
                self.rfile.read(size + 2)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEdge]:
    servers = [_serve(name) for name in SERVICES]
    upstreams = {name: f"127.0.0.1:{server.server_address[1]}" for name, server in zip(SERVICES, servers, strict=True)}
    caddy = LocalEdge(tmp_path_factory.mktemp("edge"), free_port(), upstreams)
    caddy.start()
    yield caddy
    caddy.stop()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/telemetry", "vehicle"),
        ("/v1/vehicles", "vehicle"),
        ("/v1/vehicles/T-001/track?limit=5", "vehicle"),
        ("/v1/vehicle-imports", "vehicle"),
        ("/v1/alerts?status=open", "vehicle"),
        ("/v1/geofences/G-1", "vehicle"),
        ("/v1/timetable-imports", "route"),
        ("/v1/routes/R-1/vehicle", "route"),
        ("/v1/runs/plans", "route"),
        ("/v1/stops/S-1", "route"),
        ("/v1/service-points", "route"),
        ("/v1/judgement-rules", "route"),
        ("/v1/tickets/X-1/weigh-out", "transfer_station"),
        ("/v1/stations", "transfer_station"),
        ("/v1/city", "gateway"),
        ("/v1/credentials", "gateway"),
        ("/", "gateway"),
        ("/health/ready", "gateway"),
    ],
)
def test_each_path_reaches_the_service_that_owns_it(edge: LocalEdge, path: str, service: str) -> None:
    assert _get(edge, path)[1] == service


def test_a_server_sent_event_arrives_before_the_next_one_is_sent(edge: LocalEdge) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", edge.port, timeout=5)) as connection:
        connection.request("GET", "/v1/city/live")
        with connection.getresponse() as stream:
            assert stream.readline() == b"data: first\n"
            NamedService.may_send_second_event.set()
            assert b"data: second" in stream.read()


def test_metrics_are_closed_at_the_edge(edge: LocalEdge) -> None:
    answer, body = _get(edge, "/metrics")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "not_found"


@pytest.mark.parametrize("told", [True, False])
def test_a_body_larger_than_any_import_is_refused_for_good(edge: LocalEdge, told: bool) -> None:
    """Not as an outage: the sender would send it again for ever."""
    pieces = (b"x" * (1 << 20) for _ in range(34))
    headers = {"Content-Length": str(34 << 20)} if told else {"Transfer-Encoding": "chunked"}
    with closing(http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30)) as connection:
        connection.request("POST", "/v1/vehicle-imports", pieces, headers, encode_chunked=not told)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, "too_large")


def test_the_edge_waits_for_no_half_request_and_takes_what_the_services_take() -> None:
    caddyfile = CADDYFILE.read_text("utf-8")
    said = dict(re.findall(r"^\t+(read_header|read_body|write|idle|max_size) (\S+)$", caddyfile, re.MULTILINE))
    assert said.pop("write")  # an open stream is an answer, too: long, but not for ever
    limit = Settings().max_import_bytes
    assert said == {
        "read_header": f"{HEAD_SECONDS:.0f}s",
        "read_body": f"{BODY_SECONDS:.0f}s",
        "idle": "75s",
        "max_size": f"{limit >> 20}MiB",
    }


def test_a_sender_who_does_not_end_its_head_is_closed_at_the_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = tmp_path / "Caddyfile"
    hasty.write_text(re.sub(r"(read_header|read_body) \w+", r"\1 1s", CADDYFILE.read_text("utf-8")), "utf-8")
    monkeypatch.setattr("deploy.local.edge.CADDYFILE", hasty)
    caddy = LocalEdge(tmp_path, free_port(), dict.fromkeys(SERVICES, f"127.0.0.1:{free_port()}"))
    caddy.start()
    try:
        for half in (
            b"POST /v1/telemetry HTTP/1.1\r\nHost: x\r\n",
            b"POST /v1/telemetry HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1",
        ):
            with socket.create_connection(("127.0.0.1", caddy.port), timeout=30) as sender:
                sender.sendall(half)
                while sender.recv(1 << 16):
                    pass  # until the edge closes
    finally:
        caddy.stop()


def test_a_silent_service_is_answered_as_problem_json_with_retry_after(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    caddy = LocalEdge(tmp_path, free_port(), dict.fromkeys(SERVICES, nobody))
    caddy.start()
    try:
        answer, body = _get(caddy, "/v1/telemetry")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["code"] == "service_unavailable"
    finally:
        caddy.stop()


def _serve(name: str) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), NamedService)
    server.service_name = name  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _get(edge: LocalEdge, path: str) -> tuple[http.client.HTTPResponse, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", edge.port, timeout=5)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer, answer.read().decode()


async def _take_one(rabbit: LocalRabbit, queue_name: str) -> bytes:
    async with await aio_pika.connect(rabbit.url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(queue_name)
        message = await queue.get(timeout=10)
        await message.ack()
        return message.body
