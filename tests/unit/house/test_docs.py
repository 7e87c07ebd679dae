"""What the documentation names exists: pages, files, endpoints."""

import json
import re
from pathlib import Path

import pytest
from reading_imports import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MOST_LINES_OF_README = 150
OPENAPI = ROOT / "tests" / "contracts" / "openapi"
FILE = re.compile(r"`((?:services|shared|deploy|tests|k8s|docs)/[\w./-]*\w)(?:::\w+)?`")
FUNCTION = re.compile(r"`((?:services|shared|deploy|tests)/[\w./-]*\w\.py)::(\w+)`")
MADE_LATER = {"deploy/.env", "deploy/secrets"}
"""By whoever runs it."""
ENDPOINT = re.compile(r"`(?P<method>GET|POST|PUT|DELETE|PATCH) (?P<path>/(?:v1|open311)[^\s`?#]*)[^`]*`")


def broken_links(page: Path) -> list[str]:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text("utf-8"))
    return [link for link in links if not (page.parent / link).exists()]


def defines(file: Path, name: str) -> bool:
    return re.search(rf"(?m)^\s*(?:(?:async )?def|class) {name}\b|^{name}\b.* = ", file.read_text("utf-8")) is not None


def operations() -> set[tuple[str, str]]:
    """Method and path, whatever a parameter is called."""
    documents = [json.loads(path.read_text("utf-8")) for path in OPENAPI.glob("*.json")]
    return {
        (method.upper(), nameless(path)) for document in documents for path, item in document["paths"].items() for method in item
    }


def nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def is_served(method: str, path: str, served: set[tuple[str, str]]) -> bool:
    """A path may name an example in the place of a parameter."""
    parts = nameless(path).split("/")
    return any(
        method == of and len(parts) == len(there) and all(a in (b, "{}") or b == "{}" for a, b in zip(parts, there, strict=True))
        for of, there in ((of, known.split("/")) for of, known in served)
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        pytest.skip("it tells of files that were")
    named = set(FILE.findall(page.read_text("utf-8"))) - MADE_LATER
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_functions_that_are_named_are_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        pytest.skip("it tells of files that were")
    named = set(FUNCTION.findall(page.read_text("utf-8")))
    assert [f"{file}::{name}" for file, name in sorted(named) if not defines(ROOT / file, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_endpoints_that_are_named_are_served(page: Path) -> None:
    served = operations()
    named = [match.group("method", "path") for match in ENDPOINT.finditer(page.read_text("utf-8"))]
    assert [f"{method} {path}" for method, path in named if "…" not in path and not is_served(method, path, served)] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= MOST_LINES_OF_README


def test_these_tests_would_notice(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md) [here](page.md) [far](https://example.org) [below](#x)")
    assert broken_links(page) == ["gone.md"]
    assert FILE.findall("`shared/db.py::take_rows` `shared/gone.py` `make run`") == ["shared/db.py", "shared/gone.py"]
    assert FUNCTION.findall("`shared/db.py::take_rows`") == [("shared/db.py", "take_rows")]
    assert defines(ROOT / "shared" / "db.py", "take_rows")
    assert not defines(ROOT / "shared" / "db.py", "take_row")
    served = {("GET", "/v1/runs/{}")}
    assert is_served("GET", "/v1/runs/{run_id}", served)
    assert not is_served("POST", "/v1/runs/{run_id}", served)
    assert not is_served("GET", "/v1/walks/{run_id}", served)
    assert operations()
