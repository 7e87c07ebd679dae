"""The suite on one machine without Docker: PostgreSQL, RabbitMQ, a process per service and Caddy before them.

`python -m deploy.local.suite` runs it until Ctrl-C; tests use the class. A process that dies stays dead until
somebody restarts it: supervision is the work of Kubernetes, and a test wants to see what its absence does.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, Self

from deploy.local.edge import LocalEdge
from deploy.local.packages import PackagesMissing, ensure
from deploy.local.ports import free_ports
from deploy.local.postgres import LocalPostgres
from deploy.local.process import ManagedProcess, ProcessFailed
from deploy.local.rabbitmq import LocalRabbit
from shared.auth import make_keys
from shared.settings import SERVICES

CHECKOUT = Path(__file__).resolve().parents[2]
READY_TIMEOUT_SECONDS = 60.0
LOCALHOST = "127.0.0.1"


class Server(Protocol):
    @property
    def alive(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class ServiceProcess:
    """`sanitation serve NAME --port PORT` as a child process; start() waits for /health/ready."""

    def __init__(self, name: str, port: int, directory: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.port = port
        self.process = ManagedProcess(
            name,
            [sys.executable, "-m", "services.cli", "serve", name, "--port", str(port)],
            directory,
            environment={**environment, "PORT": str(port)},
            working_directory=CHECKOUT,
        )

    @property
    def url(self) -> str:
        return f"http://{LOCALHOST}:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process.alive

    def launch(self) -> None:
        self.process.start()

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill9()

    def wait_until_ready(self, timeout_seconds: float = READY_TIMEOUT_SECONDS) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not _answers_200(f"{self.url}/health/ready"):
            self.process.require_alive()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} is not ready after {timeout_seconds:.0f} s:\n{self.process.log_tail()}")
            time.sleep(0.1)


class Suite:
    """Everything in `directory`; `processes` by name: postgres, rabbitmq, vehicle, route, transfer_station, gateway, edge.

    `port` is the edge's (what people use); all other ports are free ones near `base_port` unless nobody says.
    """

    def __init__(
        self,
        directory: Path,
        base_port: int | None = None,
        *,
        port: int | None = None,
        services: Sequence[str] = SERVICES,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        ensure("postgres", "rabbitmq", "caddy")
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        ports = free_ports(4 + len(services), start=base_port)
        postgres_port, rabbit_port, edge_port, loggers_port, *service_ports = ports
        self.postgres = LocalPostgres(self.directory / "servers", postgres_port)
        self.rabbit = LocalRabbit(self.directory / "servers", rabbit_port)
        self._addresses = {
            name: f"{LOCALHOST}:{service_port}" for name, service_port in zip(services, service_ports, strict=True)
        }
        self.edge = LocalEdge(self.directory / "servers", port or edge_port, self._addresses)
        self.environment = self._environment({"SANITATION_HJ212_PORT": str(loggers_port), **(environment or {})})
        logs = self.directory / "log"
        self.services = {
            name: ServiceProcess(name, service_port, logs, self.environment)
            for name, service_port in zip(services, service_ports, strict=True)
        }
        self.processes: dict[str, Server] = {
            "postgres": self.postgres,
            "rabbitmq": self.rabbit,
            **self.services,
            "edge": self.edge,
        }

    @property
    def url(self) -> str:
        return self.edge.url

    @property
    def urls(self) -> dict[str, str]:
        """Where each service answers by itself, and the `edge` before them."""
        return {name: service.url for name, service in self.services.items()} | {"edge": self.edge.url}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with ThreadPoolExecutor(1) as meanwhile:
            rabbit_started = meanwhile.submit(self.rabbit.start)
            self.postgres.start()
            self.run_cli("migrate")
            rabbit_started.result()
        for service in self.services.values():
            service.launch()
        for service in self.services.values():
            service.wait_until_ready()
        self.edge.start()

    def stop(self) -> None:
        """The edge first, so that nothing new comes in; then the services, which flush what they hold; then the bus and
        the database."""
        self.edge.stop()
        with ThreadPoolExecutor() as together:
            list(together.map(lambda service: service.stop(), self.services.values()))
            list(together.map(lambda server: server.stop(), (self.rabbit, self.postgres)))

    def remove(self) -> None:
        """stop(), and PostgreSQL's and RabbitMQ's data are deleted."""
        self.stop()
        self.postgres.remove()
        self.rabbit.remove()

    def kill9(self, name: str) -> None:
        self.processes[name].kill()

    def restart(self, name: str) -> None:
        """Ends it in good order if it runs, starts it and waits until it is ready."""
        self.processes[name].stop()
        self.processes[name].start()

    def run_cli(self, *arguments: str) -> str:
        """`sanitation ARGUMENTS…` in the suite's environment; answers its standard output."""
        return run_cli(arguments, self.environment)

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        # Where the command line looks for them too, so that `sanitation credentials issue` fits the running suite.
        signing_key, verify_key = (self.directory / "keys" / name for name in ("signing.pem", "verify.pem"))
        make_keys(signing_key, verify_key)
        return {
            **os.environ,
            "SANITATION_DATA_DIR": str(self.directory),
            "SANITATION_DATABASE_URL": self.postgres.url,
            "SANITATION_BUS_URL": self.rabbit.url,
            "SANITATION_SIGNING_KEY_FILE": str(signing_key),
            "SANITATION_VERIFY_KEY_FILE": str(verify_key),
            **{f"SANITATION_{name.upper()}_URL": f"http://{address}" for name, address in self._addresses.items()},
            "PORT": str(self.edge.port),
            "PYTHONUNBUFFERED": "1",
            **extra,
        }


def run_cli(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env=dict(environment),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ProcessFailed(f"sanitation {' '.join(arguments)} failed:\n{answer.stdout}{answer.stderr}")
    return answer.stdout


def _answers_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - http on this machine
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def main() -> None:
    directory = Path(os.environ.get("SANITATION_DATA_DIR", "data"))
    port = int(os.environ.get("PORT", "8000"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A shell that starts this in the background lets SIGINT be ignored; here it always ends the suite.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Suite(directory, port=port) as suite:
            print(_where_to_look(suite), flush=True)
            with _demo_city(suite):
                _wait(suite)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    except (PackagesMissing, ProcessFailed) as problem:
        sys.exit(str(problem))


@contextmanager
def _demo_city(suite: Suite) -> Iterator[None]:
    """Trucks that move, as `make run` has them: one more process that knows the public address only."""
    command = [sys.executable, "-m", "services.cli", "simulate", "--demo", "--live"]
    trucks = ManagedProcess(
        "simulator", command, suite.directory / "log", environment=suite.environment, working_directory=CHECKOUT
    )
    trucks.start()
    try:
        yield
    finally:
        trucks.stop()


def _wait(suite: Suite) -> None:
    """Until Ctrl-C; says once of each process that it ended by itself."""
    ended: set[str] = set()
    while True:
        time.sleep(1)
        for name, process in suite.processes.items():
            if not process.alive and name not in ended:
                ended.add(name)
                print(f"{name} has ended by itself; its log is in {suite.directory}", file=sys.stderr, flush=True)


def _where_to_look(suite: Suite) -> str:
    lines = [f"the suite is ready on {suite.url}", f"  city view   {suite.url}/v1/city"]
    lines += [f"  {name:11} {url}" for name, url in suite.urls.items() if name != "edge"]
    token = suite.run_cli("credentials", "issue", "--role", "dispatcher", "--days", "1").strip()
    lines += [f"  console     {suite.url}/#token={token}", f"  logs        {suite.directory}/log"]
    lines += [f"  a dispatcher's token, for a day:\n    TOKEN={token}", "Ctrl-C ends it"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
