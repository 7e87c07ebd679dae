"""The broker stops taking messages before its container is killed or its disk is full."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import DEPLOY, load, manifests

from deploy.local.ports import free_port
from deploy.local.rabbitmq import LocalRabbit

MIB = 1 << 20
FILE = DEPLOY / "rabbitmq" / "rabbitmq.conf"


def settings(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split(" = ") for line in lines)


def size(text: str) -> int:
    """Of `600MiB`, `1Gi`, `1G` in bytes."""
    number, unit = text.rstrip("iB")[:-1], text.rstrip("iB")[-1]
    return int(number) * {"M": MIB, "G": 1024 * MIB}[unit]


def test_the_file_holds_no_credentials() -> None:
    assert set(settings(FILE.read_text("utf-8"))) == {"vm_memory_high_watermark.absolute", "disk_free_limit.absolute"}


def cluster() -> dict[str, Any]:
    (resource,) = manifests("prod", "RabbitmqCluster")
    spec: dict[str, Any] = resource["spec"]
    return spec


def limits() -> dict[str, tuple[dict[str, str], str, str]]:
    """Where a broker runs: its limits, the memory of its container, its disk."""
    compose = load(DEPLOY / "compose.yaml")["services"]["rabbitmq"]
    (pod,) = [m["spec"] for m in manifests("dev", "StatefulSet") if m["metadata"]["name"] == "rabbitmq"]
    (container,), (claim,) = pod["template"]["spec"]["containers"], pod["volumeClaimTemplates"]
    shipped = settings(FILE.read_text("utf-8"))
    return {
        "compose": (shipped, compose["deploy"]["resources"]["limits"]["memory"], "10G"),
        "stores": (shipped, container["resources"]["limits"]["memory"], claim["spec"]["resources"]["requests"]["storage"]),
        "operators": (
            settings(cluster()["rabbitmq"]["additionalConfig"]),
            cluster()["resources"]["limits"]["memory"],
            cluster()["persistence"]["storage"],
        ),
    }


@pytest.mark.parametrize("where", ["compose", "stores", "operators"])
def test_the_watermarks_are_absolute_and_fit_the_container(where: str) -> None:
    shipped, memory, disk = limits()[where]
    watermark = size(shipped["vm_memory_high_watermark.absolute"])
    assert 0.4 * size(memory) <= watermark <= 0.6 * size(memory)  # a collection may need as much again for a moment
    assert watermark <= size(shipped["disk_free_limit.absolute"]) <= 0.2 * size(disk)


def test_the_file_is_mounted_and_credentials_stay_in_a_secret() -> None:
    compose = load(DEPLOY / "compose.yaml")["services"]["rabbitmq"]
    assert "./rabbitmq/rabbitmq.conf:/etc/rabbitmq/conf.d/15-limits.conf:ro" in compose["volumes"]
    assert [secret["source"] for secret in compose["secrets"]] == ["rabbitmq.conf"]
    (pod,) = [m["spec"]["template"]["spec"] for m in manifests("dev", "StatefulSet") if m["metadata"]["name"] == "rabbitmq"]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "limits"]
    (config,) = [m for m in manifests("dev", "ConfigMap") if m["metadata"]["name"] == volume["configMap"]["name"]]
    assert config["data"]["rabbitmq.conf"] == FILE.read_text("utf-8")
    paths = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert paths["/etc/rabbitmq/conf.d/15-limits.conf"] == "limits"


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[LocalRabbit]:
    broker = LocalRabbit(tmp_path, free_port(), limits=FILE.read_text("utf-8").splitlines())
    broker.start()
    yield broker
    broker.remove()


def test_a_real_broker_takes_the_limits_as_they_are_written(rabbit: LocalRabbit) -> None:
    status = json.loads(rabbit.control("--quiet", "status", "--formatter", "json"))
    assert status["vm_memory_high_watermark_limit"] == 600 * MIB
    assert status["disk_free_limit"] == 1024 * MIB
