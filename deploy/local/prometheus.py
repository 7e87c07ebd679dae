"""A Prometheus of our own on one machine: deploy/prometheus with its rules, asked to watch services at other addresses."""

import json
import re
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
    """`targets`: host:port of each service. The job of the suite only, scraped and evaluated every `seconds`.

    `patient=False`: an alert fires as soon as its condition holds, whatever its `for` says.
    """

    def __init__(
        self, directory: Path, port: int, targets: Mapping[str, str], seconds: float = 1, *, patient: bool = True
    ) -> None:
        self.port, self._patient = port, patient
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
        (self._home / "rules").mkdir(parents=True, exist_ok=True)
        for file in (SHIPPED / "rules").glob("*.yml"):
            rules = file.read_text("utf-8")
            rules = rules if self._patient else re.sub(r"(?m)^( +)for: \w+$", r"\1for: 0s", rules)
            (self._home / "rules" / file.name).write_text(rules, encoding="utf-8")
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
        series: list[dict[str, Any]] = self.get("query", query=expr)["result"]
        return series

    def firing(self) -> set[tuple[str, str]]:
        """Name and service of the alerts that fire; no service where the alert is not of one."""
        alerts = self.get("alerts")["alerts"]
        return {(one["labels"]["alertname"], one["labels"].get("service", "")) for one in alerts if one["state"] == "firing"}

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
                    "rule_files": [str(self._home / pattern) for pattern in shipped["rule_files"]],
                    "scrape_configs": [suite],
                }
            )
        )
