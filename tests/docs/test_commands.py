"""Every command in the documentation works: `sh` blocks are run as they are typed, a page in one shell, from top to bottom.

Blocks without a language are for other machines or take too long: what they name (targets of make, subcommands, files)
exists. How compose is operated is tests/deploy/test_operations.py's.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from reading_pages import DOCS, PAGES, ROOT, blocks, name_of
from typer.main import get_command

from deploy.local.packages import ensure
from deploy.local.ports import free_port
from deploy.local.process import ManagedProcess
from services.cli.main import app
from shared.testing import early_zone

RUN = [page for page in PAGES if blocks(page, "sh")]
EMPTY_SUITE = {"docs/first-city.md"}
"""Pages that begin with nothing; all others look at the demo city."""
PREAMBLE = r"""
set -euo pipefail
curl() { command curl --fail-with-body --silent --show-error --max-time 60 --write-out "%{stderr}status %{http_code}\n" "$@"; }
"""
SHOWN = 2000
SANITATION = re.compile(r"(?m)(?:^|\$\()(?:\.venv/bin/)?sanitation (?!<)([a-z].*)$")


class Suite:
    def __init__(self, name: str, command: list[str], directory: Path) -> None:
        port = free_port()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("SANITATION_")}
        self.environment |= {"PORT": str(port), "SANITATION_DATA_DIR": str(directory / "data"), "PYTHONUNBUFFERED": "1"}
        self.environment["SANITATION_TIMEZONE"] = early_zone()
        self.environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.port, self.directory = port, directory
        self.process = ManagedProcess(
            name,
            [sys.executable, "-m", "services.cli", *command],
            directory,
            environment=self.environment,
            working_directory=ROOT,
        )
        self.process.start()
        self.process.wait_until_listening(port, 120)

    def type(self, text: str) -> str:
        """What the blocks of a page print, typed into one shell beside the templates. Fails with the shell's words."""
        script = PREAMBLE + text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{ran.stdout[-SHOWN:]}\n{ran.stderr[-SHOWN:]}"
        assert "status 207" not in ran.stderr, f"some of it was rejected: {ran.stdout[-SHOWN:]}"
        return ran.stdout


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Suite]]:
    ensure("curl")
    made = {
        empty: Suite(command[0], command, tmp_path_factory.mktemp(command[0]))
        for empty, command in ((True, ["serve", "all"]), (False, ["demo"]))
    }
    (made[True].directory / "first-city").symlink_to(DOCS / "first-city")
    yield made
    for suite in made.values():
        suite.process.stop()


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_what_is_typed_as_the_page_says_works(page: Path, suites: dict[bool, Suite]) -> None:
    assert suites[name_of(page) in EMPTY_SUITE].type("\n".join(blocks(page, "sh")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_run_names_what_exists(page: Path) -> None:
    text = "\n".join(blocks(page, ""))
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"(?m)^make ([a-z-]+)", text)) <= targets
    assert [file for file in re.findall(r"(?:-f|-k) ((?:deploy|k8s)/[^\s']+)", text) if not (ROOT / file).exists()] == []
    assert [words for words in SANITATION.findall(text) if not is_a_command(words)] == []


def is_a_command(words: str) -> bool:
    """The subcommand of `sanitation`, and each option that is given to it."""
    group, parts = get_command(app), words.split("#", maxsplit=1)[0].split()
    while parts and (inner := getattr(group, "commands", {}).get(re.split(r"[|\[]", parts[0])[0])):
        group, parts = inner, parts[1:]
    options = {option for parameter in group.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return not getattr(group, "commands", {}) and {part for part in parts if part.startswith("-")} <= options


def test_these_tests_would_notice() -> None:
    assert is_a_command("import timetable FILE -m a=b --dry-run   # a comment")
    assert is_a_command("credentials issue --role admin")
    assert not is_a_command("credentials issue --roll admin")
    assert not is_a_command("bring timetable FILE")
    assert not is_a_command("import")
    assert len(RUN) > 10
