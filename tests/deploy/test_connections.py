"""PostgreSQL has room for every connection that the shipped topologies can open, counted from the code."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool
from tools import DEPLOY, ROOT, load, manifests

from shared.auth import make_keys
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings

RESERVED = 3
"""PostgreSQL's own superuser_reserved_connections."""
TOOLS = 15
"""Commands, backups, exporters and operators beside the services."""


def connections_of(service: str, directory: Path) -> int:
    """The most that one process of this service ever holds."""
    settings = Settings(data_dir=directory, database_url=SecretStr("postgresql://nobody@localhost/none"))
    make_keys(settings.signing_key, settings.verify_key)
    database = import_module(f"services.{service}.app").create_app(settings, LocalBus()).state.resources.database
    engines: tuple[AsyncEngine, ...] = (database.reader, database.writer)
    pools = {id(engine.pool): engine.pool for engine in engines}
    assert all(isinstance(pool, QueuePool) for pool in pools.values())
    return sum(pool.size() + pool._max_overflow for pool in pools.values() if isinstance(pool, QueuePool))


@pytest.fixture(scope="module")
def each(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    return {name: connections_of(name, tmp_path_factory.mktemp(name)) for name in SERVICES}


def most_pods(overlay: str) -> dict[str, int]:
    """Of each service while a rollout goes on with every autoscaler at its most."""
    scaled = {
        m["spec"]["scaleTargetRef"]["name"]: m["spec"]["maxReplicas"] for m in manifests(overlay, "HorizontalPodAutoscaler")
    }
    return {
        m["metadata"]["name"].replace("-", "_"): scaled.get(m["metadata"]["name"], m["spec"].get("replicas"))
        + m["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        for m in manifests(overlay, "Deployment")
    }


def configured(command: list[str]) -> int:
    (value,) = [int(part.partition("=")[2]) for part in command if part.startswith("max_connections=")]
    return value


def allowed(where: str) -> int:
    if where == "compose":
        return configured(load(DEPLOY / "compose.yaml")["services"]["postgres"]["command"])
    if where == "dev":
        (pod,) = [m["spec"]["template"]["spec"] for m in manifests("dev", "StatefulSet") if m["metadata"]["name"] == "postgres"]
        return configured(pod["containers"][0]["args"])
    (cluster,) = manifests("prod", "Cluster")
    return int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])


@pytest.mark.parametrize("where", ["compose", "dev", "prod"])
def test_there_is_a_connection_for_every_process(where: str, each: dict[str, int]) -> None:
    pods = dict.fromkeys(SERVICES, 1) if where == "compose" else most_pods(where)
    assert pods.keys() == each.keys()
    needed = sum(each[name] * count for name, count in pods.items())
    assert needed + RESERVED + TOOLS <= allowed(where) <= 1.2 * needed + RESERVED + TOOLS
    if where != "compose":
        said = (ROOT / "docs" / "operations" / "kubernetes.md").read_text("utf-8")
        assert f"`{where}` runs {sum(pods.values())}" in said
        assert re.search(rf"{needed} (connections )?of (PostgreSQL's )?{allowed(where)}\b", said)
        assert f"up to {max(each.values())} connections" in said


def test_the_pools_are_all_that_connects() -> None:
    """Whoever opens connections beside shared/db.py is to be counted here too."""
    opened: dict[str, Any] = {}
    for folder in ("shared", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            if found := re.findall(
                r"create_async_engine\(|create_engine\(|asyncpg\.(?:connect|create_pool)\(", path.read_text("utf-8")
            ):
                opened[str(path.relative_to(ROOT))] = len(found)
    assert opened == {"shared/db.py": 3}
