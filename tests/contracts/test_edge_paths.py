"""The suite's edge hands each path to the service that has it, as the all-in-one edge does by itself."""

import re
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest

from shared.auth import make_keys
from shared.local_bus import LocalBus
from shared.settings import SERVICES, Settings

CADDYFILE = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"


def owner(path: str) -> str:
    """Which service Caddy asks; the gateway gets what nobody else is named for."""
    matchers = re.findall(r"@(\w+) path (.+)", CADDYFILE.read_text("utf-8"))
    return next((name for name, patterns in matchers if any(fnmatchcase(path, p) for p in patterns.split())), "gateway")


@pytest.mark.parametrize("service", SERVICES)
def test_every_path_of_a_service_reaches_it(service: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    make_keys(settings.signing_key, settings.verify_key)
    app = import_module(f"services.{service}.app").create_app(settings, LocalBus())
    paths = {path for path in app.openapi()["paths"] if path not in {"/health/live", "/health/ready", "/metrics"}}
    assert {path: owner(path.replace("{", "x").replace("}", "x")) for path in paths} == dict.fromkeys(paths, service)
    assert owner(f"/{service}/openapi.json") == service
