"""A real demo city in a process of its own, and a real Chromium that looks at it and complains of nothing."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from deploy.local.packages import ensure
from deploy.local.ports import free_port
from deploy.local.process import ManagedProcess
from services.gateway.pages import DIST
from shared.auth import TokenSigner
from shared.settings import Settings
from shared.testing import early_zone
from shared.vocabulary import Role

CHECKOUT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PLAIN = "/?canvas"
"""The page with the plain canvas: for tests that are not about the map; software WebGL takes seconds to begin."""
MARKED = "DEMO-MARKUP"
MARKUP = "<img src=x onerror=alert(1)>沪A"
"""A plate that somebody typed: it is text and stays text."""


@dataclass
class Demo:
    url: str
    link: str
    settings: Settings

    def token(self, role: Role, lifetime: timedelta = timedelta(hours=1), **scope: list[str]) -> str:
        return TokenSigner(self.settings.signing_key).issue(role, lifetime, **scope)[0]

    @property
    def token_link(self) -> str:
        """What stands behind the # of the link that `make run` prints."""
        return self.link.partition("#")[2]

    def client(self, role: Role, **scope: list[str]) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(role, **scope)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def city(self) -> dict[str, Any]:
        with self.client(Role.DISPATCHER) as client:
            return client.get("/v1/city").json()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not (DIST / "index.html").exists():
        pytest.fail("the console is not built: make console")
    directory, port = tmp_path_factory.mktemp("demo"), free_port()
    own = {"PORT": str(port), "SANITATION_DATA_DIR": str(directory / "data"), "SANITATION_TIMEZONE": early_zone()}
    environment = os.environ | own | {"PYTHONUNBUFFERED": "1"}
    process = ManagedProcess(
        "demo", [sys.executable, "-m", "services.cli", "demo"], directory, environment=environment, working_directory=CHECKOUT
    )
    process.start()
    try:
        process.wait_until_listening(port, 60)
        link = _until(lambda: re.search(r"http://\S+/#token=\S+", process.log_tail()), 20)[0]
        city = Demo(f"http://127.0.0.1:{port}", link, Settings(data_dir=directory / "data", port=port))
        _until(lambda: city.city()["fleet"]["by_status"].get("driving", 0) >= 5, 60)
        _overspeed(city)
        _until(lambda: city.city()["alerts"]["by_kind"].get("overspeed"), 30)
        yield city
    finally:
        process.stop()


def _overspeed(city: Demo) -> None:
    """One more truck, with a plate that is markup, that has driven too fast for a minute and still does."""
    entry = {"vehicle_id": MARKED, "plate": MARKUP, "kind": "sweeper", "capacity_kg": 5000, "district_id": "310104014"}
    at = datetime.now(UTC).replace(microsecond=0)
    fixes = [
        {"kind": "position", "at": (at - timedelta(seconds=s)).isoformat(), "lon": 121.437 - s * 1e-5, "lat": 31.185}
        | {"speed_kmh": 92, "heading_deg": 90, "ignition": True}
        for s in range(60, 0, -5)
    ]
    with city.client(Role.ADMIN) as admin:
        assert admin.post("/v1/vehicle-imports", json={"vehicles": [entry]}).status_code == 200
        answer = admin.post("/v1/telemetry", json={"vehicle_id": MARKED, "records": fixes})
        assert answer.status_code == 200, answer.text


def _until(found: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "this never came"
        time.sleep(0.2)
    return value


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[..., Browser]]:
    """Starts browsers, with further flags. Only as long as a module: Playwright's loop must not meet that of other tests."""
    program = ensure("chromium")["chromium"]
    with sync_playwright() as playwright:
        started: dict[tuple[str, ...], Browser] = {}

        def start(*flags: str) -> Browser:
            if flags not in started:
                started[flags] = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
            return started[flags]

        yield start
        for browser in started.values():
            browser.close()


@dataclass
class Watch:
    """What no page may do: log an error, break its own policy, ask another machine."""

    home: str
    allowed: tuple[str, ...] = ()
    """Statuses that a test provokes; the browser logs them as errors."""
    problems: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI))"
        )

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(status in message.text for status in self.allowed):
            self.problems.append(f"console: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:" + self.home)):
            self.problems.append(f"left the machine: {url}")


Open = Callable[..., Page]


@pytest.fixture
def open_page(demo: Demo, chromium: Callable[..., Browser]) -> Iterator[Open]:
    """`open_page(path, signed_in=True, flags=…, allowed=…, **context)`; at the end the page must have had no problem."""
    watches, contexts = [], []

    def opened(
        path: str = "/", *, signed_in: bool = True, flags: tuple[str, ...] = (), allowed: tuple[str, ...] = (), **options: Any
    ) -> Page:
        context = chromium(*flags).new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watches.append(Watch(demo.url, allowed))
        watches[-1].on(page)
        page.goto(demo.url + path + (f"#{demo.token_link}" if signed_in else ""))
        if signed_in:
            page.wait_for_selector("[data-ready=true]")
            page.wait_for_function("() => window.sanitationMap?.trucks().length > 5")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [problem for watch in watches for problem in watch.problems] == []
