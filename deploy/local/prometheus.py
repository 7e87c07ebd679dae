"""A Prometheus of our own on one machine: deploy/prometheus with its rules, asked to watch services at other addresses."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.local.packages import ensure
from deploy.local.process import ManagedProcess

SHIPPED = Path(__file__).resolve().parent.parent / "prometheus"
START_TIMEOUT_SECONDS = 30.0


class LocalPrometheus:
    """`targets`: host:port of each service. The job of the suite only, scraped and evaluated every `seconds`."""

    def __init__(self, directory: Path, port: int, targets: Mapping[str, str], seconds: float = 1) -> None:
        self.port = port
        self._home = directory.resolve() / "prometheus"
        self._configuration = self._home / "prometheus.yml"
        self._targets, self._seconds = targets, seconds
        program = ensure("prometheus")["prometheus"]
        flags = [f"--config.file={self._configuration}", f"--storage.tsdb.path={self._home / 'data'}"]
        flags += [f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=1d"]
        self.process = ManagedProcess("prometheus", [str(program), *flags], directory.resolve())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process.alive

    def start(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(self._configured(), encoding="utf-8")
        self.process.start()
        self.process.wait_until_listening(self.port, START_TIMEOUT_SECONDS)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """It listens before it can answer: until its storage is open every query gets a 503."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2):  # noqa: S310 - http on this machine
                    return
            except OSError:
                self.process.require_alive()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill9()

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The instant vector of a query; urllib's HTTPError when it does not parse."""
        found: list[dict[str, Any]] = self.get("query", query=expr)["result"]
        return found

    def get(self, path: str, **parameters: str) -> Any:
        """`data` of an answer of /api/v1/…"""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:  # noqa: S310 - http on this machine
            return json.load(answer)["data"]

    def _configured(self) -> str:
        shipped = yaml.safe_load((SHIPPED / "prometheus.yml").read_text("utf-8"))
        every = f"{round(self._seconds * 1000)}ms"
        (suite,) = [job for job in shipped["scrape_configs"] if job["job_name"] == "sanitation"]
        # What a name stands for is told by static addresses here; the rest of the job stays as it is shipped.
        del suite["dns_sd_configs"], suite["relabel_configs"]
        suite["static_configs"] = [{"targets": [at], "labels": {"service": name}} for name, at in self._targets.items()]
        return str(
            yaml.safe_dump(
                {
                    "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
                    "rule_files": [str(SHIPPED / pattern) for pattern in shipped["rule_files"]],
                    "scrape_configs": [suite],
                }
            )
        )
