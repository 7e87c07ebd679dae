"""The image is built and the topology of compose.yaml runs, in real containers: `make containers`."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import pytest

from deploy.containers.topology import SERVICES, Topology, missing
from deploy.local.ports import free_ports

pytestmark = [pytest.mark.containers, pytest.mark.skipif(bool(missing()), reason=missing() or "containers run here")]
WORK = Path("/var/tmp/sanitation-containers")  # noqa: S108 - images are kept there from run to run, by root
LATER = "0.1.1"
POINTS = 50


class Client:
    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Status and answer; 0 for a connection that was refused or cut."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self._url + path, data, headers), timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with closing(refused):
                return refused.code, None
        except (OSError, ValueError):
            return 0, None


class Load:
    """A truck that sends a point after the other; remembers which were answered 200."""

    def __init__(self, truck: Client) -> None:
        self._truck, self._stop = truck, threading.Event()
        self.promised: list[dict[str, Any]] = []
        self.refused = 0
        self._thread = threading.Thread(target=self._drive)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _drive(self) -> None:
        start, number = datetime.now(UTC) - timedelta(minutes=30), 0
        while not self._stop.wait(0.02):
            number += 1
            record = point(start + timedelta(milliseconds=number))
            status, _ = self._truck.ask("/v1/telemetry", {"vehicle_id": "T-1", "records": [record]})
            if status == HTTPStatus.OK:
                self.promised.append(record)
            else:
                self.refused += 1

    def wait_for(self, more: int) -> None:
        """Until so many more were answered 200."""
        wanted, deadline = len(self.promised) + more, time.monotonic() + 120
        while len(self.promised) < wanted:
            assert time.monotonic() < deadline, "nothing is answered any more"
            time.sleep(0.05)

    def lost(self) -> int:
        """Promised points that are new to the city when they are sent again."""
        stored = 0
        for first in range(0, len(self.promised), 500):
            body = {"vehicle_id": "T-1", "records": self.promised[first : first + 500]}
            status, answer = self._truck.ask("/v1/telemetry", body)
            assert status == HTTPStatus.OK
            stored += answer["stored"]
        return stored


def point(at: datetime) -> dict[str, Any]:
    return {"kind": "position", "at": at.isoformat(), "lon": 121.4365, "lat": 31.1885, "speed_kmh": 20, "ignition": True}


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    secrets = tmp_path_factory.mktemp("containers") / "secrets"
    secrets.mkdir()
    WORK.mkdir(mode=0o700, exist_ok=True)
    ports = dict(zip(("PORT", "HJ212_PORT", "PROMETHEUS_PORT"), free_ports(3), strict=True))
    running = Topology(WORK, secrets, ports)
    running.remove()
    running.prepare()
    try:
        running.run_once("secrets")
        running.start("postgres", "rabbitmq")
        running.start("migrate")
        running.start(*SERVICES)
        running.start("edge", "backup", "prometheus", "alertmanager")
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="module")
def admin(topology: Topology) -> Client:
    return Client(topology.url, topology.run_once("credentials", "issue", "--role", "admin").strip())


@pytest.fixture(scope="module")
def truck(topology: Topology, admin: Client) -> Client:
    registered = {"vehicle_id": "T-1", "plate": "沪A00001", "district_id": "310104", "waste_streams": ["residual"]}
    assert admin.ask("/v1/vehicle-imports", {"vehicles": [registered]})[0] == HTTPStatus.OK
    return Client(topology.url, topology.run_once("credentials", "issue", "--role", "device", "--vehicle", "T-1").strip())


def test_a_truck_s_first_point_reaches_the_city_view(admin: Client, truck: Client) -> None:
    status, answer = truck.ask("/v1/telemetry", {"vehicle_id": "T-1", "records": [point(datetime.now(UTC))]})
    assert (status, answer["stored"]) == (HTTPStatus.OK, 1)
    deadline = time.monotonic() + 60
    while '"lon": 121.43' not in json.dumps(admin.ask("/v1/city/vehicles/T-1")[1]):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_closed_in(topology: Topology, service: str) -> None:
    status = dict(line.split(":\t") for line in topology.exec(service, "cat", "/proc/1/status").splitlines() if ":\t" in line)
    assert status["Uid"].split()[0] == "10001"
    assert (int(status["CapBnd"], 16), status["NoNewPrivs"], status["Seccomp"]) == (0, "1", "2")
    with pytest.raises(RuntimeError, match="Read-only file system"):
        topology.exec(service, "touch", "/opt/sanitation/new")


def test_the_broker_s_watermarks_are_those_of_its_file(topology: Topology) -> None:
    status = json.loads(topology.exec("rabbitmq", "rabbitmqctl", "--quiet", "status", "--formatter", "json"))
    assert (status["vm_memory_high_watermark_limit"], status["disk_free_limit"]) == (600 << 20, 1 << 30)


def test_metrics_are_closed_at_the_edge_and_prometheus_has_every_service(topology: Topology, admin: Client) -> None:
    assert admin.ask("/metrics")[0] == HTTPStatus.NOT_FOUND
    address = "http://127.0.0.1:9090/api/v1/query?query=sanitation_build_info"
    deadline = time.monotonic() + 90
    while True:
        answer = json.loads(topology.exec("prometheus", "wget", "-q", "-O", "-", address))
        found = {one["metric"]["service"] for one in answer["data"]["result"]}
        if len(found) == len(SERVICES):
            return
        assert time.monotonic() < deadline, found
        time.sleep(1)


def test_a_backup_is_made_at_once_and_its_age_is_told(topology: Topology) -> None:
    (file,) = topology.exec("gateway", "ls", "/backups").split()
    assert file.endswith(".backup")
    read = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/metrics').read().decode())"
    deadline = time.monotonic() + 60
    while True:
        told = [
            line for line in topology.exec("gateway", "python", "-c", read).splitlines() if line.startswith("sanitation_backup_t")
        ]
        if float(told[0].rpartition(" ")[2]) > 0:
            return
        assert time.monotonic() < deadline
        time.sleep(1)


def test_a_service_that_is_killed_under_load_starts_again_and_nothing_is_lost(topology: Topology, truck: Client) -> None:
    with Load(truck) as load:
        load.wait_for(POINTS)
        topology.kill9("vehicle")
        load.wait_for(POINTS)
    assert topology.inspect("vehicle")["RestartCount"] >= 1
    assert load.lost() == 0
    print(f"kill: {len(load.promised)} answered 200, {load.refused} refused, 0 lost")


def test_a_service_that_is_upgraded_under_load_loses_nothing(topology: Topology, truck: Client) -> None:
    topology.podman("tag", "sanitation:0.1.0", f"sanitation:{LATER}")
    with Load(truck) as load:
        load.wait_for(POINTS)
        topology.start("migrate", version=LATER)
        topology.start("vehicle", version=LATER)
        load.wait_for(POINTS)
    assert topology.inspect("vehicle")["ImageName"].endswith(f"sanitation:{LATER}")
    assert load.lost() == 0
    print(f"upgrade: {len(load.promised)} answered 200, {load.refused} refused, 0 lost")
