"""Each alert about the suite itself fires for real when what it is about happens, and for nobody else."""

import asyncio
import json
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Self

import asyncpg
import pytest
from test_real_prometheus import records

from deploy.local.ports import free_port
from deploy.local.prometheus import LocalPrometheus
from deploy.local.suite import Suite

PATIENCE_SECONDS = 180
OLD_SECONDS = 3 * 86_400
CONNECTIONS = 150


class Truck:
    """Sends and sends, whatever becomes of it, so that there are always events to hand over."""

    def __init__(self, suite: Suite) -> None:
        self._url, self._stop = suite.url, threading.Event()
        self._token = suite.run_cli("credentials", "issue", "--role", "device", "--vehicle", "T-1").strip()
        self._thread = threading.Thread(target=self._drive)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _drive(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        while not self._stop.wait(0.5):
            body = json.dumps({"vehicle_id": "T-1", "records": records(datetime.now(UTC))}).encode()
            with suppress(OSError, HTTPException):  # a refusal is an OSError, too
                urllib.request.urlopen(urllib.request.Request(self._url + "/v1/telemetry", body, headers), timeout=30).close()


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("backups")
    (directory / "a.backup").touch()
    return directory


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory, backups: Path) -> Iterator[Suite]:
    suite = Suite(tmp_path_factory.mktemp("alarmed"), environment={"SANITATION_BACKUP_DIR": str(backups)})
    with suite, Truck(suite):
        yield suite
    suite.remove()


@pytest.fixture(scope="module")
def prometheus(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPrometheus]:
    targets = {name: url.removeprefix("http://") for name, url in suite.urls.items() if name != "edge"}
    server = LocalPrometheus(tmp_path_factory.mktemp("prometheus"), free_port(), targets, patient=False)
    server.start()
    yield server
    server.stop()


def wait_for(prometheus: LocalPrometheus, *alerts: tuple[str, str], gone: bool = False) -> None:
    """Until all of these fire; `gone`: until none does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (set(alerts) & prometheus.firing()) if gone else (set(alerts) - prometheus.firing()):
        assert time.monotonic() < deadline, (alerts, prometheus.firing())
        time.sleep(0.5)


def test_the_watchdog_barks_in_a_city_that_is_well(prometheus: LocalPrometheus) -> None:
    wait_for(prometheus, ("Watchdog", ""))
    about_the_suite = ("Publisher", "Consumer", "Database", "Backup", "ServiceRestarts", "LoggerListener", "Outbox")
    assert not [name for name, _ in prometheus.firing() if name.startswith(about_the_suite)]


def test_an_old_backup(suite: Suite, prometheus: LocalPrometheus, backups: Path) -> None:
    old = time.time() - OLD_SECONDS
    os.utime(backups / "a.backup", (old, old))
    wait_for(prometheus, ("BackupOld", ""))
    (backups / "b.backup").touch()
    wait_for(prometheus, ("BackupOld", ""), gone=True)


def test_a_service_that_starts_again_and_again(suite: Suite, prometheus: LocalPrometheus) -> None:
    for _ in range(5):
        suite.kill9("evaluation")
        suite.restart("evaluation")
        time.sleep(2.5)  # Prometheus asks every second: each start is seen
    wait_for(prometheus, ("ServiceRestarts", "evaluation"))
    assert ("ServiceRestarts", "vehicle") not in prometheus.firing()


def test_a_port_of_data_loggers_that_another_program_holds(suite: Suite, prometheus: LocalPrometheus) -> None:
    suite.kill9("incinerator")
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(suite.environment["SANITATION_HJ212_PORT"])))
        other.listen()
        suite.restart("incinerator")
        wait_for(prometheus, ("LoggerListenerDown", ""))
    wait_for(prometheus, ("LoggerListenerDown", ""), gone=True)  # it tries again by itself


def test_a_database_older_than_the_code(suite: Suite, prometheus: LocalPrometheus) -> None:
    async def set_revision(revision: str | None) -> str:
        connection = await asyncpg.connect(suite.postgres.url)
        before = await connection.fetchval("SELECT version_num FROM complaint.alembic_version")
        await connection.execute("UPDATE complaint.alembic_version SET version_num = $1", revision)
        await connection.close()
        return str(before)

    before = asyncio.run(set_revision("0000"))
    wait_for(prometheus, ("DatabaseNotMigrated", "complaint"))
    asyncio.run(set_revision(before))
    wait_for(prometheus, ("DatabaseNotMigrated", "complaint"), gone=True)


def test_connections_that_run_short(suite: Suite, prometheus: LocalPrometheus) -> None:
    async def hold() -> None:
        held = [await asyncpg.connect(suite.postgres.url) for _ in range(CONNECTIONS)]
        try:
            await asyncio.to_thread(wait_for, prometheus, ("DatabaseConnectionsShort", ""))
        finally:
            for connection in held:
                await connection.close()

    asyncio.run(hold())


def test_a_session_that_holds_a_lock_stops_a_consumer_and_every_write(suite: Suite, prometheus: LocalPrometheus) -> None:
    async def hold() -> None:
        connection = await asyncpg.connect(suite.postgres.url)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE route.inbox IN ACCESS EXCLUSIVE MODE")
                waited = (("ConsumerStuck", "route"), ("DatabaseReadOnly", "route"))
                await asyncio.to_thread(wait_for, prometheus, *waited)
                assert ("ConsumerStuck", "gateway") not in prometheus.firing()
        finally:
            await connection.close()

    asyncio.run(hold())
    wait_for(prometheus, ("ConsumerStuck", "route"), ("DatabaseReadOnly", "route"), gone=True)


def test_a_broker_in_alarm(suite: Suite, prometheus: LocalPrometheus) -> None:
    suite.rabbit.set_memory_watermark(0)
    wait_for(prometheus, ("PublisherBlocked", "vehicle"), ("OutboxStuck", "vehicle"))
    suite.rabbit.set_memory_watermark(0.4)
    wait_for(prometheus, ("PublisherBlocked", "vehicle"), gone=True)


def test_a_database_that_is_gone(suite: Suite, prometheus: LocalPrometheus) -> None:
    suite.kill9("postgres")
    wait_for(prometheus, ("DatabaseDown", "vehicle"), ("DatabaseDown", "gateway"))
    assert not [alert for alert in prometheus.firing() if alert[0] in {"DatabaseReadOnly", "DatabaseNotMigrated"}]
    suite.restart("postgres")
    wait_for(prometheus, ("DatabaseDown", "vehicle"), ("DatabaseDown", "gateway"), gone=True)
