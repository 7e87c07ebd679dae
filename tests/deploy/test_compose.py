"""The topology of compose.yaml: who is reachable, who holds which secret, who waits for whom."""

import re
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from tools import DEPLOY, ROOT, load, run, tool

from services.cli.compose_secrets import make_secrets
from shared.auth import TokenSigner, TokenVerifier
from shared.settings import Settings
from shared.vocabulary import Role

FILE = DEPLOY / "compose.yaml"
COMPOSE: dict[str, Any] = load(FILE)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NAMES = sorted(SERVICES)
OURS = [name for name in NAMES if SERVICES[name]["image"].startswith("sanitation:")]
CADDYFILE = (DEPLOY / "Caddyfile").read_text("utf-8")


def test_it_is_a_compose_file() -> None:
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", FILE)


@pytest.mark.parametrize("name", NAMES)
def test_every_container_is_closed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("privileged") is None
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= limits.keys()
    assert service["restart"] in {"unless-stopped", "on-failure:5", "no"}


@pytest.mark.parametrize("name", NAMES)
def test_every_image_has_a_version(name: str) -> None:
    image = re.sub(r"\$\{\w+:-([^}]+)\}", r"\1", SERVICES[name]["image"])
    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", image)


@pytest.mark.parametrize("name", NAMES)
def test_every_container_that_stays_says_whether_it_is_well(name: str) -> None:
    check = SERVICES[name].get("healthcheck", {})
    if name in {"migrate", "credentials", "secrets", "demo"}:  # three end by themselves, one listens to nobody
        assert check == {"disable": True}
    else:
        assert check.get("test") or (name in OURS and "interval" in check)  # ours: the image's own


def test_only_the_edge_may_be_reached_from_elsewhere() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"edge", "incinerator", "prometheus", "grafana"}
    assert published["edge"] == ["${SANITATION_BIND:-127.0.0.1}:${PORT:-8000}:8000"]
    assert published["incinerator"] == ["${SANITATION_BIND:-127.0.0.1}:${HJ212_PORT:-9212}:9212"], "where data loggers connect"
    assert all(ports[0].startswith("127.0.0.1:") for name, ports in published.items() if name not in {"edge", "incinerator"})


def test_database_and_bus_have_no_way_out_and_see_no_neighbour_they_do_not_need() -> None:
    internal = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert internal == {"front", "back", "monitoring"}
    assert set(SERVICES["postgres"]["networks"]) == {"back"}
    assert {name for name in NAMES if "public" in SERVICES[name].get("networks", [])} == {
        "edge",
        "incinerator",
        "prometheus",
        "blackbox",
        "alertmanager",
        "grafana",
    }
    assert {name for name in NAMES if "back" in SERVICES[name].get("networks", [])} == {
        "vehicle",
        "route",
        "transfer-station",
        "incinerator",
        "complaint",
        "evaluation",
        "gateway",
        "migrate",
        "postgres",
        "rabbitmq",
        "backup",
    }
    assert SERVICES["credentials"]["network_mode"] == SERVICES["secrets"]["network_mode"] == "none"


def secrets_of(name: str) -> set[str]:
    given = SERVICES[name].get("secrets", [])
    return {one if isinstance(one, str) else one["source"] for one in given}


def test_every_secret_is_a_declared_file_that_make_secrets_makes(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    declared = {name: Path(secret["file"]).name for name, secret in COMPOSE["secrets"].items()}
    assert set().union(*map(secrets_of, NAMES)) == declared.keys()
    assert set(declared.values()) == {file.name for file in tmp_path.iterdir()}
    assert all(secret["file"].startswith("secrets/") for secret in COMPOSE["secrets"].values())


def test_only_who_signs_holds_the_signing_key_and_everybody_can_verify() -> None:
    assert {name for name in NAMES if "signing.pem" in secrets_of(name)} == {"gateway", "credentials", "demo"}
    assert {name for name in OURS if "verify.pem" in secrets_of(name)} == set(OURS) - {"credentials", "secrets"}


@pytest.mark.parametrize("name", [*OURS, "edge"])
def test_what_is_passed_is_read(name: str) -> None:
    known = {f"SANITATION_{field.upper()}" for field in Settings.model_fields} | {"SANITATION_SECRETS_DIR"}
    known = set(re.findall(r"\{\$(\w+)", CADDYFILE)) if name == "edge" else known
    assert set(SERVICES[name].get("environment", {})) <= known
    for value in SERVICES[name].get("environment", {}).values():
        if str(value).startswith("/run/secrets/"):
            assert Path(value).name in secrets_of(name)


def test_the_edge_finds_the_services_where_they_listen() -> None:
    upstreams = {key: value for key, value in SERVICES["edge"]["environment"].items() if key.endswith("_UPSTREAM")}
    assert {value.partition(":")[0] for value in upstreams.values()} == {
        "vehicle",
        "route",
        "transfer-station",
        "incinerator",
        "complaint",
        "evaluation",
        "gateway",
    }
    assert all(value.endswith(":8000") for value in upstreams.values())


def test_nobody_starts_before_what_it_needs() -> None:
    for name in ("vehicle", "route", "transfer-station", "incinerator", "complaint", "evaluation", "gateway"):
        assert SERVICES[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "rabbitmq": {"condition": "service_healthy"},
        }
    assert set(SERVICES["edge"]["depends_on"]) == {
        "vehicle",
        "route",
        "transfer-station",
        "incinerator",
        "complaint",
        "evaluation",
        "gateway",
    }


def test_an_upgrade_whose_migration_failed_replaces_nothing() -> None:
    """Services wait for a migration that succeeded, and whether one is well is whether it is ready (the image's own check)."""
    assert SERVICES["migrate"]["restart"] == "on-failure:5"
    assert "/health/ready" in (DEPLOY / "Dockerfile").read_text("utf-8").partition("HEALTHCHECK")[2]
    for name in ("vehicle", "route", "transfer-station", "incinerator", "complaint", "evaluation", "gateway"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "test" not in SERVICES[name]["healthcheck"]


def test_backups_are_made_where_the_gateway_looks_and_by_whom_may_write_there() -> None:
    backup, directory = SERVICES["backup"], SERVICES["gateway"]["environment"]["SANITATION_BACKUP_DIR"]
    assert "backups:/backups" in backup["volumes"]
    assert SERVICES["gateway"]["volumes"] == [f"backups:{directory}:ro"]
    assert backup["image"] == SERVICES["postgres"]["image"]  # a pg_dump older than its server refuses
    # A new volume belongs to whom the image of its first container says.
    assert "--owner=10001 --group=10001 --mode=0750 /data /backups" in (DEPLOY / "Dockerfile").read_text("utf-8")
    assert "backups:/backups" in SERVICES["migrate"]["volumes"]
    assert backup["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert backup["user"] == SERVICES["migrate"]["user"]
    run("bash", "-n", DEPLOY / "backup.sh")


def test_every_mounted_file_exists() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    files = [path for path in mounted if path.startswith("./")]
    assert files
    assert all((DEPLOY / path).exists() for path in files if path != "./secrets")  # made by the container that mounts it
    assert (DEPLOY / "secrets").name in (ROOT / ".gitignore").read_text("utf-8")
    assert {path for path in mounted if not path.startswith("./")} == COMPOSE["volumes"].keys()


def test_secrets_fit_each_other_stay_when_made_again_and_are_read_by_settings(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    assert len(make_secrets(directory)) == 9
    before = {file.name: file.read_text() for file in directory.iterdir()}
    assert make_secrets(directory) == []
    assert {file.name: file.read_text() for file in directory.iterdir()} == before

    assert before["postgres_password"] in before["sanitation_database_url"]
    password = re.search(r"default_pass = (.+)", before["rabbitmq.conf"])
    assert password
    assert password[1] in before["sanitation_bus_url"]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    settings = Settings(_secrets_dir=directory)
    assert settings.database_url
    assert settings.database_url.get_secret_value() == before["sanitation_database_url"]
    token, _ = TokenSigner(directory / "signing.pem").issue(Role.ADMIN, timedelta(hours=1))
    verifier = TokenVerifier(directory / "verify.pem")
    assert verifier.principal(token).role is Role.ADMIN
    assert settings.service_token
    assert verifier.principal(settings.service_token.get_secret_value()).role is Role.AUDITOR
    assert settings.contact_key
    assert Fernet(settings.contact_key.get_secret_value())


def test_secrets_come_out_of_the_image_without_a_network_or_a_python_here(tmp_path: Path) -> None:
    service = SERVICES["secrets"]
    assert service["network_mode"] == "none"
    assert service["volumes"] == ["./secrets:/secrets"]
    assert "secrets" not in service
    command = [sys.executable, "-m", "services.cli", *service["command"][:-1], str(tmp_path / "made")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert {file.name for file in (tmp_path / "made").iterdir()} == {Path(s["file"]).name for s in COMPOSE["secrets"].values()}


def test_half_a_pair_of_secrets_is_not_completed_with_another_password(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    (tmp_path / "sanitation_database_url").unlink()
    with pytest.raises(SystemExit, match="postgres_password"):
        make_secrets(tmp_path)


def test_a_container_reads_its_secrets_from_their_directory_and_migrates_without_the_signing_key(tmp_path: Path) -> None:
    make_secrets(tmp_path / "all")
    for name in secrets_of("migrate") - {"sanitation_database_url"}:  # SQLite stands in for the server
        (tmp_path / name).write_bytes((tmp_path / "all" / name).read_bytes())
    mounted = {
        "SANITATION_SECRETS_DIR": str(tmp_path),
        "SANITATION_VERIFY_KEY_FILE": str(tmp_path / "verify.pem"),
        "SANITATION_DATA_DIR": str(tmp_path / "data"),
        "PATH": "",
    }
    read = "from shared.settings import Settings; print(Settings().bus_url.get_secret_value())"
    said = subprocess.run([sys.executable, "-c", read], env=mounted, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == (tmp_path / "sanitation_bus_url").read_text()

    (tmp_path / "sanitation_bus_url").unlink()
    migrate = [sys.executable, "-m", "services.cli", "migrate"]
    said = subprocess.run(migrate, env=mounted, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "migrated: vehicle, route, transfer_station, incinerator, complaint, evaluation, gateway" in said.stdout
