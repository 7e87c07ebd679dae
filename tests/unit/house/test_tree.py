"""What holds for every file that is checked in: size, names, no host or path of somebody's machine, a lock with hashes."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from reading_imports import ROOT

MOST_LINES = 350
NOWHERE_NAMES = {"util", "utils", "common", "helper", "helpers", "misc", "manager", "managers"}
"""Names that say nothing: whatever lands there belongs to a noun."""
MOST_EXEMPT_LAYOUTS = 20
"""Times that a layout may be kept from the formatter: a table of numbers that reads as one."""
KEPT_LAYOUT = "# fmt" + ": skip"
NOT_TEXT = {".png", ".ico", ".woff2", ".gz", ".pbf"}

# Spelled in pieces, so that this file may hold them.
DOT = "."
REGISTRIES = ["pypi" + DOT + "org", "pythonhosted" + DOT + "org", "npmjs" + DOT + "org", "registry" + DOT + "yarnpkg"]
REGISTRIES += ["files" + DOT + "python", "artifact" + "ory", "nexus" + DOT, "pypi" + DOT + "python"]
MACHINE_PATHS = ["/" + "work" + "/", "/" + "home" + "/", "/" + "Users" + "/"]


def tracked() -> list[Path]:
    """Files under version control, and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [path for name in listed if name and (path := ROOT / name).is_file()]


TRACKED = tracked()
CODE = [path for path in TRACKED if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in {"services", "shared", "deploy"}]


def lines_over(lines: int, text: str) -> bool:
    return text.count("\n") > lines


def is_only_a_docstring(source: str) -> bool:
    """Or nothing at all."""
    tree = ast.parse(source)
    return len(tree.body) == (ast.get_docstring(tree) is not None)


def mentions(words: list[str], text: str) -> list[str]:
    return [word for word in words if word in text]


def unlocked(lock: str) -> list[str]:
    """Packages of a requirements file that stand there without a version or a hash."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", lock).strip())
    return [entry.splitlines()[0] for entry in entries if "==" not in entry.splitlines()[0] or "--hash=sha256:" not in entry]


def test_no_file_is_a_god_file() -> None:
    long = [str(path.relative_to(ROOT)) for path in CODE if lines_over(MOST_LINES, path.read_text("utf-8"))]
    assert not long, f"more than {MOST_LINES} lines; split by noun: {long}"


def test_a_package_says_what_it_is_and_nothing_else() -> None:
    """Each name is imported from the module that holds it, so that nothing is loaded for a neighbour's sake."""
    packages = [path for path in CODE if path.name == "__init__.py" and path.relative_to(ROOT).parts[0] in {"services", "shared"}]
    full = [str(path.relative_to(ROOT)) for path in packages if not is_only_a_docstring(path.read_text("utf-8"))]
    assert len(packages) > 50
    assert not full, f"move what these hold to modules: {full}"


def test_the_formatter_lays_out_the_code() -> None:
    python = [path for path in TRACKED if path.suffix == ".py"]
    lines = [(path.name, line) for path in python for line in path.read_text("utf-8").splitlines()]
    exempt = [name for name, line in lines if line.rstrip().endswith(KEPT_LAYOUT)]
    assert len(exempt) < MOST_EXEMPT_LAYOUTS, f"take the formatter's layout: {exempt}"


def test_no_module_is_named_for_nothing() -> None:
    named = [str(path.relative_to(ROOT)) for path in TRACKED if {part.partition(".")[0] for part in path.parts} & NOWHERE_NAMES]
    assert not named, f"name these after what is in them: {named}"


@pytest.mark.parametrize(("what", "words"), [("a package registry", REGISTRIES), ("a machine's own path", MACHINE_PATHS)])
def test_no_file_names(what: str, words: list[str]) -> None:
    found = {}
    for path in TRACKED:
        if path.suffix not in NOT_TEXT and (hits := mentions(words, path.read_text("utf-8", "replace"))):
            found[str(path.relative_to(ROOT))] = hits
    assert not found, f"{what} is named in {found}"


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_a_lock_holds_a_hash_for_each_package_and_no_address(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert unlocked(lock) == []
    assert "://" not in lock
    assert " @ " not in lock


def test_these_tests_would_notice() -> None:
    assert lines_over(350, "\n" * 351)
    assert not lines_over(350, "\n" * 350)
    assert is_only_a_docstring("")
    assert is_only_a_docstring('"""Tables."""')
    assert not is_only_a_docstring('"""Tables."""\nfrom services.route.tables.runs import Run')
    assert not is_only_a_docstring("from services.route.tables.runs import Run")
    assert mentions(MACHINE_PATHS, "see " + "/work" + "/x")
    assert unlocked("a==1 \\\n    --hash=sha256:00\nb==2\n    # via a\nc @ file\n") == ["b==2", "c @ file"]
    assert TRACKED
    assert len(CODE) > 80
