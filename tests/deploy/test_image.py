"""The image is made of what is locked and of nothing that does not exist; what only an engine could tell is not told here."""

import re
import shlex
import tomllib
from fnmatch import fnmatchcase

import pytest
from tools import CONSOLE, DEPLOY, ROOT, load, locked, run, tool

from shared.settings import Settings

DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
JOINED = re.sub(r"\\\n\s*", "", DOCKERFILE)
LAST_STAGE = JOINED.rpartition("\nFROM ")[2]
SOURCES = [
    source
    for line in re.findall(r"(?m)^COPY (.+)$", JOINED)
    if not line.startswith("--from")
    for source in shlex.split(line)[:-1]
]


def test_hadolint_finds_nothing() -> None:
    assert run(tool("hadolint"), "-c", DEPLOY / "hadolint.yaml", DEPLOY / "Dockerfile") == ""


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_exists_and_is_sent_to_the_engine(source: str) -> None:
    if (ROOT / source).is_relative_to(CONSOLE) and not CONSOLE.exists():
        pytest.skip("the console is not part of this checkout")
    assert (ROOT / source).exists()
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    sent = False
    for pattern in patterns:  # the last that matches decides; one for a directory is one for what is in it
        parts = [source.rstrip("/"), *[str(parent) for parent in reversed((ROOT / source).relative_to(ROOT).parents)][1:]]
        if any(fnmatchcase(part, pattern.lstrip("!")) for part in parts):
            sent = pattern.startswith("!")
    assert sent


def test_the_runtime_is_locked_to_the_versions_the_tests_ran_with() -> None:
    runtime, developers = locked(ROOT / "requirements-runtime.lock"), locked(ROOT / "requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {re.split(r"[^a-z0-9-]", wanted)[0] for wanted in project["dependencies"]} <= runtime.keys()
    assert {name: developers.get(name) for name in runtime} == runtime
    assert not {"pytest", "mypy", "schemathesis", "grafana-foundation-sdk"} & runtime.keys()


def test_every_base_image_and_every_package_is_pinned() -> None:
    stages = set(re.findall(r"(?m)^FROM \S+ AS (\S+)$", DOCKERFILE))
    images = set(re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)) - stages
    assert images
    assert all(re.fullmatch(r"[a-z]+:\d+[\w.-]*", image) for image in images)
    for installed in re.findall(r"(?m)^RUN .*pip install (.+)$", JOINED):
        assert "--require-hashes" in installed or "--no-index --no-deps" in installed


def test_no_npm_package_runs_a_script_of_its_own() -> None:
    """An install script is in no lock and one of the console's packages calls home in it."""
    files = [ROOT / "Makefile", DEPLOY / "Dockerfile", *sorted((ROOT / ".ci").iterdir())]
    installs = [
        line for file in files for line in re.findall(r".*(?:npm|\$\(NPM\)) (?:ci|i|install)\b.*", file.read_text("utf-8"))
    ]
    assert len(installs) >= 2
    assert [line for line in installs if "--ignore-scripts" not in line] == []
    if CONSOLE.exists():  # for `npm install --save-dev` by hand
        assert "ignore-scripts=true" in (CONSOLE / ".npmrc").read_text("utf-8").splitlines()


def test_it_runs_as_nobody_and_stays_within_its_directory() -> None:
    compose, users = load(DEPLOY / "compose.yaml"), re.findall(r"(?m)^USER (.+)$", LAST_STAGE)
    assert users == ["10001:10001"] == [compose["services"]["vehicle"]["user"]]
    environment = dict(re.findall(r"([A-Z_]+)=(\S+)", JOINED.partition("\nENV PATH")[2].partition("\nUSER")[0]))
    assert environment["SANITATION_DATA_DIR"] == "/data"
    assert {
        name.removeprefix("SANITATION_").lower() for name in environment if name.startswith("SANITATION_")
    } <= Settings.model_fields.keys()


def test_the_healthcheck_is_python_that_asks_whether_the_service_is_ready() -> None:
    command = re.search(r"HEALTHCHECK .*CMD \[\"python\", \"-c\", (\".*\")\]", JOINED)
    assert command
    code = command[1].strip('"').replace('\\"', '"')
    compile(code, "healthcheck", "exec")
    assert "/health/ready" in code
