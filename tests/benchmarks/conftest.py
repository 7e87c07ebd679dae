"""Speed is measured on a server that is as durable as the suite's."""

from collections.abc import Iterator

import pytest

from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"), free_port())
    server.start()
    yield server
    server.stop()
    server.remove()
