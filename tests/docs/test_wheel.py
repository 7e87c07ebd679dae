"""The wheel is the product: `pipx run --spec dist/*.whl sanitation demo` on a machine without git, make and node."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from reading_pages import ROOT

from deploy.local.ports import free_port
from deploy.local.process import ManagedProcess
from shared.testing import early_zone


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it. What the wheel depends on is the developers', as locked."""
    made, home = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("home")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    venv.create(home, with_pip=False)
    install = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--no-index", "--no-deps"]
    subprocess.run([*install, "--disable-pip-version-check", str(*made.glob("*.whl"))], check=True, capture_output=True)
    return home


@pytest.fixture(scope="module")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    """A client of the running demo, and the token that it printed."""
    elsewhere, port = tmp_path_factory.mktemp("elsewhere"), free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SANITATION_", "PYTHON"))}
    environment |= {"PORT": str(port), "SANITATION_DATA_DIR": str(elsewhere / "data"), "SANITATION_TIMEZONE": early_zone()}
    environment |= {"PATH": str(installed / "bin"), "PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONUNBUFFERED": "1"}
    command = [str(installed / "bin" / "sanitation"), "demo"]
    process = ManagedProcess("sanitation", command, elsewhere, environment=environment, working_directory=elsewhere)
    process.start()
    try:
        process.wait_until_listening(port, 120)
        printed = None
        while printed is None and process.alive:
            printed = re.search(r"#token=(\S+)", process.log_tail())
        assert printed, process.log_tail()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client, printed[1]
    finally:
        process.stop()


@pytest.mark.parametrize(
    ("path", "words"), [("/", "<title>"), ("/docs", "<title>"), ("/inspect", "<title>"), ("/guide/", "Getting started")]
)
def test_the_pages_are_in_the_wheel(path: str, words: str, demo: tuple[httpx.Client, str]) -> None:
    answer = demo[0].get(path)
    assert (answer.status_code, words in answer.text) == (200, True)


def test_the_city_moves(demo: tuple[httpx.Client, str]) -> None:
    client, token = demo
    moving = 0
    while not moving:
        city = client.get("/v1/city", headers={"Authorization": f"Bearer {token}"})
        assert city.status_code == 200
        moving = city.json()["fleet"]["by_status"].get("driving", 0)


def test_the_programs_are_the_wheels_own(installed: Path) -> None:
    where = "import services.cli.main, shared; print(services.cli.main.__file__, shared.__file__)"
    environment = {"PYTHONPATH": sysconfig.get_path("purelib")}
    ran = subprocess.run(
        [installed / "bin" / "python", "-c", where], cwd=installed, env=environment, capture_output=True, text=True, check=True
    )
    assert all(file.startswith(str(installed)) for file in ran.stdout.split())
