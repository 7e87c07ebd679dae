"""Real servers for the tests that need them, started once a session; both databases for every service test."""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from deploy.local.packages import ensure
from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from deploy.local.rabbitmq import LocalRabbit
from services.vehicle.tasks import ensure_partitions
from shared import app, testing
from shared.app import TASK_FAILED
from shared.auth import make_keys
from shared.bus import Bus
from shared.db import Database
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings
from tests.reused_database import REMEMBER, ReusedDatabase

REAL_DATA = Path(__file__).parent.parent.parent / "shared" / "data"

ALONE = ("tests/live", "tests/browser", "tests/faults", "tests/deploy/test_real_")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(config.rootpath).as_posix().startswith(ALONE):
            item.add_marker("alone")


hypothesis.settings.register_profile("suite", deadline=None)  # a machine may be slow; only the answer counts
hypothesis.settings.load_profile("suite")

for name in [name for name in os.environ if name.startswith("SANITATION_")]:
    del os.environ[name]  # whatever the developer has set, tests start from the defaults


class FailedTasks(logging.Handler):
    """Background tasks start again when they fail, so nothing but the log tells of it."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == TASK_FAILED and record.exc_info:
            self.failures.append(f"{record.__dict__['task']}: {record.exc_info[1]!r}")


@pytest.fixture(autouse=True)
def no_task_fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test in which one is to fail is marked `tasks_fail`."""
    handler, log = FailedTasks(), logging.getLogger(app.__name__)
    log.addHandler(handler)
    yield
    log.removeHandler(handler)
    if request.node.get_closest_marker("tasks_fail") is None:
        assert handler.failures == []


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    ensure("postgres")
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"), free_port(), throw_away=True)
    server.start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRabbit]:
    ensure("rabbitmq")
    server = LocalRabbit(tmp_path_factory.mktemp("rabbit"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with migrated SQLite files and keys, to be copied: migrating anew costs more than most tests."""
    directory = tmp_path_factory.mktemp("migrated")
    settings = Settings(data_dir=directory)
    make_keys(settings.signing_key, settings.verify_key)
    asyncio.run(testing.migrate_services(settings, SERVICES))
    return directory


@pytest.fixture(scope="session")
def migrated_template(postgres: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same as a PostgreSQL database that others are cloned from."""
    url = postgres.create_database("migrated")
    asyncio.run(_fill(Settings(data_dir=tmp_path_factory.mktemp("unused"), database_url=url)))
    postgres.query(REMEMBER, "migrated")
    return "migrated"


@pytest.fixture(scope="session")
def reused_database(postgres: LocalPostgres, migrated_template: str) -> ReusedDatabase:
    return ReusedDatabase(postgres, migrated_template)


async def _fill(settings: Settings) -> None:
    await testing.migrate_services(settings, SERVICES)
    database = Database(settings, "vehicle")
    async with database.transaction() as session:
        # The real date: the first test that asks may have frozen the clock.
        await ensure_partitions(session, datetime.now(UTC).date())
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, migrated_files: Path) -> Iterator[Settings]:
    """A fresh, migrated database of each kind."""
    shutil.copytree(migrated_files, tmp_path, dirs_exist_ok=True)
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path)
        return
    reused: ReusedDatabase = request.getfixturevalue("reused_database")
    yield Settings(data_dir=tmp_path, database_url=reused.fresh(), database_connections=CONNECTIONS)


CONNECTIONS = 4
"""Of a service of a test's city: to open one costs more than most statements."""
CityFactory = Callable[..., AbstractAsyncContextManager[testing.City]]


@pytest.fixture
def city_services() -> Sequence[str]:
    """Which services a test's city runs; the tests of a service have fewer, since each of them costs time in every test."""
    return [name for name in SERVICES if name != "incinerator"]


@pytest.fixture
def open_city(settings: Settings, city_services: Sequence[str]) -> CityFactory:
    """`async with open_city() as city`: the services in this process and those that are named, every event delivered twice."""

    @asynccontextmanager
    async def opened(*more: str, bus: Bus | None = None) -> AsyncIterator[testing.City]:
        factories = [import_module(f"services.{name}.app").create_app for name in dict.fromkeys([*city_services, *more])]
        twice: Any = bus or testing.Duplicator(testing.Audience(LocalBus()))  # type: ignore[arg-type]
        async with testing.city(settings, factories, twice, migrated=True) as city:
            yield city

    return opened


def real_data(name: str) -> Path:
    """A file that nobody here wrote; skips where a fresh clone has none."""
    path = REAL_DATA / name
    if not path.exists():
        pytest.skip(f"real data {name} is not beside this checkout; the small fixtures cover the same ground")
    return path
