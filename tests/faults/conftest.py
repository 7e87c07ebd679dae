"""What is broken: the suite as separate processes, and everything in one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.suite import ServiceProcess, Suite


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    started = Suite(tmp_path_factory.mktemp("suite"))
    with started:
        yield started
    started.remove()


@pytest.fixture
def all_in_one(tmp_path: Path) -> Iterator[ServiceProcess]:
    """Its data lies in `tmp_path`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANITATION_")}
    process = ServiceProcess("all", free_port(), tmp_path / "log", {**environment, "SANITATION_DATA_DIR": str(tmp_path)})
    process.start()
    yield process
    process.stop()
