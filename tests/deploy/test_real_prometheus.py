"""A real Prometheus watches the real suite: every query of every dashboard, rule and alert has something to say."""

import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from queries import metrics_in, queries
from tools import DEPLOY, load, promtool
from weighed import ANSWERED, Weighed

from deploy.local.ports import free_port
from deploy.local.prometheus import LocalPrometheus
from deploy.local.suite import Suite

SHANGHAI = ZoneInfo("Asia/Shanghai")
LON, LAT, DISTRICT = 121.4365, 31.1885, "310104003"
PATIENCE_SECONDS = 90
RULES = [
    rule
    for name in ("recording", "alerts")
    for group in load(DEPLOY / "prometheus" / "rules" / f"{name}.yml")["groups"]
    for rule in group["rules"]
]
MAY_BE_EMPTY = {
    "health: 各接口失败 Failures by route, A": "nothing fails with 5xx here",
    "city: 漏收 Missed today, A": "no window is over yet",
    "city: 各区漏收 Missed by district, A": "same",
    "city: 各区数据缺失 Unknown by district, A": "same",
    "city: 漏收与缺失占比 Missed and unknown, A": "same",
    "city: 漏收与缺失占比 Missed and unknown, B": "same",
    "city: 今日完成 Done today, A": "may be judged after the test is over",
    "city: 离线比例 Offline, A": "which trucks are offline depends on when they last spoke",
    "city: 各区离线车辆 Offline by district, A": "same",
    "health: 触发告警 Alerts firing, A": "nothing is wrong",
}
"""What the `or vector(0)` of a query is for; all others must have data without it."""


class Trucks:
    """An onboard unit that drives, a dispatcher with a console, and somebody without a token."""

    def __init__(self, suite: Suite) -> None:
        self.url, self._stop = suite.url, threading.Event()
        self._admin = suite.run_cli("credentials", "issue", "--role", "admin").strip()
        self._device = suite.run_cli("credentials", "issue", "--role", "device", "--vehicle", "T-1").strip()
        self._thread = threading.Thread(target=self._drive)
        self._weighed = Weighed(self._answered, int(suite.environment["SANITATION_HJ212_PORT"]), SHANGHAI)

    def __enter__(self) -> Self:
        truck = {"vehicle_id": "T-1", "plate": "沪A00001", "district_id": DISTRICT, "waste_streams": ["residual"]}
        assert self._post("/v1/vehicle-imports", {"vehicles": [truck]}) == HTTPStatus.OK
        due = datetime.now(SHANGHAI)
        row = f"R1,1,R1-1,站1,{due:%H:%M},{LON},{LAT},每日,{DISTRICT},T-1"
        header = "route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id"
        assert self._post("/v1/timetable-imports", {"format": "csv", "content": f"{header}\n{row}\n"}) == HTTPStatus.OK
        assert self._post("/v1/runs/plans", {"service_day": f"{due:%Y-%m-%d}"}) == HTTPStatus.OK
        self._weighed.furnish()
        assert self._post("/v1/complaints", {"category": "other", "description": "试验"}) == HTTPStatus.OK
        self._console = urllib.request.urlopen(self._request("/v1/city/live", self._admin), timeout=30)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._console.close()

    def _drive(self) -> None:
        told = count()
        while not self._stop.wait(0.5):
            body = {"vehicle_id": "T-1", "records": records(datetime.now(UTC))}
            assert self._post("/v1/telemetry", body, self._device) == HTTPStatus.MULTI_STATUS
            assert self._post("/v1/telemetry", {}, "nobody") == HTTPStatus.UNAUTHORIZED
            self._weighed.emit()
            if (number := next(told)) % 10 == 9:  # far more than was lifted since the ticket before
                self._weighed.weigh(f"more-{number}", datetime.now(UTC), 1_000)

    def _post(self, path: str, body: dict[str, Any], token: str = "") -> int:
        try:
            with urllib.request.urlopen(self._request(path, token or self._admin, body), timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with closing(refused):
                return refused.code

    def _answered(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with urllib.request.urlopen(self._request(path, self._admin, body, method), timeout=30) as answer:
            assert answer.status in ANSWERED
            return dict(json.load(answer))

    def _request(
        self, path: str, token: str, body: dict[str, Any] | None = None, method: str | None = None
    ) -> urllib.request.Request:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return urllib.request.Request(self.url + path, data, headers, method=method)


def records(at: datetime) -> list[dict[str, Any]]:
    """Too fast through the city for 20 s, a bin, a load, a report, a position from yesterday, and one without a time."""
    here = {"kind": "position", "lon": LON, "lat": LAT, "speed_kmh": 90.0, "ignition": True, "satellites": 11}
    now = {"at": at.isoformat()}
    return [
        *({**here, "at": (at - timedelta(seconds=age)).isoformat()} for age in (*range(20), 86_400)),
        {"kind": "bin_lift", "net_kg": 46} | now,
        {"kind": "load", "load_kg": 900} | now,
        {"kind": "driver_report", "code": "blocked"} | now,
        here,
    ]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    suite = Suite(tmp_path_factory.mktemp("watched"))
    with suite, Trucks(suite):
        yield suite
    suite.remove()


@pytest.fixture(scope="module")
def prometheus(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPrometheus]:
    targets = {name: url.removeprefix("http://") for name, url in suite.urls.items() if name != "edge"}
    server = LocalPrometheus(tmp_path_factory.mktemp("prometheus"), free_port(), targets)
    server.start()
    yield server
    server.stop()


def test_every_service_s_metrics_are_well_formed(suite: Suite) -> None:
    for name, url in suite.urls.items():
        if name == "edge":
            continue
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            text = answer.read()
        done = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, b""), url


def test_the_edge_tells_nobody_how_the_services_do(suite: Suite) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{suite.url}/metrics", timeout=10)
    with urllib.request.urlopen(f"{suite.url}/health/ready", timeout=10) as answer:
        assert json.load(answer) == {"status": "ready"}


def test_every_panel_has_data(prometheus: LocalPrometheus) -> None:
    waiting = {name: expr if name in MAY_BE_EMPTY else expr.replace(" or vector(0)", "") for name, expr in queries()}
    assert waiting.keys() >= MAY_BE_EMPTY.keys()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting and time.monotonic() < deadline:
        waiting = {name: expr for name, expr in waiting.items() if not prometheus.query(expr)}
        time.sleep(1)
    assert not waiting


def test_every_metric_that_is_asked_for_exists(prometheus: LocalPrometheus) -> None:
    known = set(prometheus.get("label/__name__/values"))
    asked = {metric for _, expr in queries() for metric in metrics_in(expr)}
    asked |= {metric for rule in RULES for metric in metrics_in(rule["expr"])}
    assert {metric for metric in asked - known if not metric.startswith("rabbitmq_")} == set()  # this RabbitMQ is not scraped


def test_every_rule_is_evaluated_without_an_error_and_no_alert_is_wrong_about_a_city_that_is_well(
    prometheus: LocalPrometheus,
) -> None:
    found = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert {rule["name"] for rule in found} == {rule.get("alert") or rule["record"] for rule in RULES}
    assert {rule["name"]: rule.get("lastError") for rule in found if rule["health"] != "ok"} == {}
    # Refused and late records are what these trucks send on purpose.
    firing = {rule["name"] for rule in found if rule["type"] == "alerting" and rule["state"] == "firing"}
    assert firing == {"Watchdog"}
    recorded = [rule["record"] for rule in RULES if "record" in rule]
    silent = {name for name in recorded if not prometheus.query(name)}
    assert silent == set()


def test_an_alert_fires_when_a_service_is_gone(suite: Suite, prometheus: LocalPrometheus) -> None:
    suite.kill9("route")
    down = 'up{job="sanitation",service="route"} == 0'
    deadline = time.monotonic() + 20
    while not prometheus.query(down) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert prometheus.query(down)
    (alert,) = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"] if rule["name"] == "ServiceDown"]
    while not alert["alerts"] and time.monotonic() < deadline:
        time.sleep(0.5)
        (alert,) = [r for group in prometheus.get("rules")["groups"] for r in group["rules"] if r["name"] == "ServiceDown"]
    (pending,) = alert["alerts"]
    assert pending["annotations"]["summary"] == "服务 route 无响应 · Service route does not answer"
    suite.restart("route")
