"""What docs/operations/running.md tells people to type exists, and its JSON is taken."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tools import DEPLOY, ROOT, load

from services.gateway.app import create_app as gateway
from services.vehicle.app import create_app as vehicle
from shared import testing
from shared.clock import now
from shared.settings import Settings
from shared.vocabulary import Role

TEXT = (ROOT / "docs" / "operations" / "running.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
COMPOSE = load(DEPLOY / "compose.yaml")
VERBS = ("run", "up", "exec", "logs", "restart", "build", "ps")


def test_every_container_that_is_named_exists() -> None:
    commands = re.findall(r"(?m)(?:^|`|&& )suite (?:--profile demo )?([a-z][^\n`#&]*)", TEXT)
    assert len(commands) > 20
    for command in commands:
        words = [word for word in command.split() if not word.startswith("-")]
        assert words[0] in VERBS, command
        if words[0] in {"run", "exec", "logs", "restart"}:
            assert words[1] in COMPOSE["services"], command


def test_every_setting_that_is_named_is_read() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    read = dict(re.findall(r"\$\{(\w+):-([^}]+)\}", text))
    rows = re.findall(r"(?m)^\| `([A-Z].*?)` \| (.*?) \|", TEXT)
    told = {
        name: value
        for names, values in rows
        for name, value in zip(names.split("`, `"), values.replace("`", "").split(", "), strict=True)
    }
    assert told.keys() >= {"SANITATION_BIND", "PORT", "HJ212_PORT"}
    assert told == {name: read[name] for name in told}


def test_every_secret_that_is_to_be_renewed_exists_and_all_are_told() -> None:
    files = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    section = TEXT.partition("## New passwords and keys")[2]
    assert {name for name in files if name in section} == files


@pytest.mark.parametrize("command", sorted(set(re.findall(r"credentials (issue --role \w+)", TEXT + README))))
def test_tokens_are_issued_as_told(command: str, tmp_path: Path) -> None:
    environment = {"SANITATION_DATA_DIR": str(tmp_path), "PATH": ""}
    bound = ["--vehicle", "T-1"] if "device" in command else []
    subprocess.run(
        [sys.executable, "-m", "services.cli", "secrets", str(tmp_path / "keys")], cwd=ROOT, env=environment, check=True
    )
    made = [sys.executable, "-m", "services.cli", "credentials", *command.split(), *bound]
    assert subprocess.run(made, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout.count(".") == 2


@pytest.fixture
async def city(settings: Settings) -> AsyncIterator[testing.City]:
    async with testing.city(settings, [vehicle, gateway], migrated=True) as opened:
        yield opened


async def test_a_truck_s_first_point_is_taken_as_told(city: testing.City) -> None:
    truck, point = re.findall(r"-d '(\{.*\})'", TEXT)
    json_type = {"Content-Type": "application/json"}
    async with city.client(Role.ADMIN) as admin, city.client(Role.DEVICE, vehicle_ids=["T-1"]) as device:
        assert (await admin.post("/v1/vehicle-imports", content=truck, headers=json_type)).status_code == 200
        body = point.replace("'$(date -u +%FT%TZ)'", f"{now():%Y-%m-%dT%H:%M:%SZ}")
        stored = await device.post("/v1/telemetry", content=body, headers=json_type)
        assert (stored.status_code, stored.json()["stored"]) == (200, 1)


def test_readme_leads_here_and_says_what_opens_the_ports() -> None:
    deploy = README.partition("## Deploy")[2].partition("\n## ")[0]
    assert "docs/operations/running.md" in deploy
    assert "SANITATION_BIND" in deploy
    alerts = (DEPLOY / "prometheus" / "rules" / "alerts.yml").read_text("utf-8").count("- alert:")
    assert f"{alerts} alerts" in deploy
