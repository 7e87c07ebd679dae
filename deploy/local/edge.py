"""Caddy as the suite's edge on one machine; the routes by path are in deploy/Caddyfile."""

import os
from pathlib import Path

from deploy.local.packages import ensure
from deploy.local.process import ManagedProcess

CADDYFILE = Path(__file__).resolve().parent.parent / "Caddyfile"
START_TIMEOUT_SECONDS = 20.0


class LocalEdge:
    """`upstreams`: host:port of the services `vehicle`, `route`, `transfer_station` and `gateway`."""

    def __init__(self, directory: Path, port: int, upstreams: dict[str, str], *, bind: str = "127.0.0.1") -> None:
        self.port = port
        home = directory.resolve() / "caddy"
        environment = os.environ | {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "SANITATION_EDGE_PORT": str(port),
            "SANITATION_EDGE_BIND": bind,
            **{f"SANITATION_{name.upper()}_UPSTREAM": address for name, address in upstreams.items()},
        }
        self.process = ManagedProcess(
            "caddy",
            [str(ensure("caddy")["caddy"]), "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
            directory.resolve(),
            environment=environment,
            # Caddy waits for open streams unless told otherwise; consoles reconnect by themselves.
            stop_timeout_seconds=5,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process.alive

    def start(self) -> None:
        self.process.start()
        self.process.wait_until_listening(self.port, START_TIMEOUT_SECONDS)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill9()

    def restart(self) -> None:
        self.stop()
        self.start()
