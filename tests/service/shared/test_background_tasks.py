"""What runs beside requests goes on running, and an empty directory is enough to begin with."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

import pytest

from shared import app, testing
from shared.app import _keep_running, _start_messaging
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings


@pytest.mark.tasks_fail
@pytest.mark.parametrize("ends_by", ["returning", "failing"])
async def test_a_task_that_ends_starts_again(monkeypatch: pytest.MonkeyPatch, ends_by: str) -> None:
    monkeypatch.setattr(app, "RESTART_SECONDS", 0.0)
    runs = asyncio.Semaphore(0)

    async def work() -> None:
        runs.release()
        if ends_by == "failing":
            raise RuntimeError("ended")

    running = asyncio.create_task(_keep_running("work", work))
    async with asyncio.timeout(30):
        for _ in range(3):
            await runs.acquire()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class Failing(LocalBus):
    """A bus on which the first declaration fails."""

    def __init__(self) -> None:
        super().__init__()
        self.declared, self.opened, self.consumed = 0, 0, asyncio.Event()

    async def open(self) -> None:
        self.opened += 1

    async def declare(self, *_: object) -> None:
        self.declared += 1
        if self.declared == 1:
            raise ConnectionError("the broker went away in the middle")

    async def consume(self, *_: object) -> None:
        self.consumed.set()

    async def close(self) -> None:
        raise ConnectionError("and closing fails, too")


@pytest.mark.tasks_fail
async def test_messaging_starts_again_after_a_declaration_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from services.vehicle.consumers import make_consumers

    async def forever() -> None:
        await asyncio.Future()

    monkeypatch.setattr(app, "RESTART_SECONDS", 0.0)
    service = SimpleNamespace(name="vehicle", consumers=make_consumers())
    tasks = {"retries": SimpleNamespace(run=forever), "dead_letters": SimpleNamespace(housekeeping=forever)}
    processor = SimpleNamespace(deliver=None, dead=None, **tasks)
    resources = SimpleNamespace(processor=processor, relay=SimpleNamespace(run=forever))
    bus = Failing()
    one = SimpleNamespace(state=SimpleNamespace(service=service, resources=resources))
    running = asyncio.create_task(_keep_running("messaging", lambda: _start_messaging([one], bus)))  # type: ignore[list-item]
    async with asyncio.timeout(30):
        await bus.consumed.wait()
    assert bus.opened == 2
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def sanitation(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.cli", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANITATION_")}
    environment["SANITATION_DATA_DIR"] = str(directory / "data")
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)


def test_migrate_in_an_empty_directory_makes_every_database(tmp_path: Path) -> None:
    migrated = sanitation(tmp_path, "migrate")
    assert (migrated.returncode, migrated.stderr) == (0, migrated.stderr), migrated.stderr
    assert "Traceback" not in migrated.stderr
    assert {file.stem for file in (tmp_path / "data").glob("*.sqlite3")} == set(SERVICES)


def test_a_service_without_a_key_says_what_to_do(tmp_path: Path) -> None:
    served = sanitation(tmp_path, "serve", "vehicle")
    assert served.returncode == 2
    assert "SANITATION_VERIFY_KEY_FILE" in served.stderr
    assert "Traceback" not in served.stderr


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again() -> None:
    """As a wait that ends in the moment in which it is cancelled: the service must stop all the same."""
    swallowed = asyncio.Event()

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await app._end([task])
    assert swallowed.is_set()
    assert task.cancelled()


async def test_no_task_of_a_service_ends_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that returns at once would start again every second, for ever."""
    ended: list[str] = []

    async def once(name: str, work: Callable[[], Awaitable[None]]) -> None:
        await work()
        ended.append(name)

    monkeypatch.setattr(app, "_keep_running", once)
    factories = [import_module(f"services.{name}.app").create_app for name in SERVICES]
    async with testing.city(settings, factories, migrated=True) as city:
        await city.settle()
        async with city.client() as client:
            assert (await client.get("/health/ready")).status_code == 200
        assert ended == []
